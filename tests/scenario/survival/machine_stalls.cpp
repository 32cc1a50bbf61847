#include "tests/scenario/survival/machine_stalls.hpp"

#include <fstream>

#include "shm_wrapper/futex.hpp"

namespace runtime::test {
namespace {

constexpr Nanoseconds period = millisecond;
/// What is shorter is the noise of any machine.
constexpr Nanoseconds noticeable = 5 * millisecond;

/// How long this thread has been ready to run and waited for a processor: that is counted where the others'
/// is.
Nanoseconds waited_here() {
    Nanoseconds ran = 0;
    Nanoseconds waited = 0;
    std::ifstream("/proc/thread-self/schedstat") >> ran >> waited;
    return waited;
}

}  // namespace

MachineStalls::MachineStalls() : thread_(&MachineStalls::watch, this) {}

MachineStalls::~MachineStalls() {
    ended_ = 1;
    futex::wake(ended_);
    thread_.join();
}

void MachineStalls::watch() {
    while (ended_.load() == 0) {
        const Nanoseconds waited = waited_here();
        const Nanoseconds begin = now();
        futex::wait(ended_, 0, begin + period);
        const Nanoseconds late = now() - begin - period;
        if (late < noticeable)
            continue;
        const Nanoseconds stood_still = late - (waited_here() - waited);
        if (stood_still >= noticeable)
            total_ += stood_still;
    }
}

}  // namespace runtime::test
