#include "tests/scenario/survival/machine_stalls.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "shm_wrapper/futex.hpp"

namespace runtime::test {
namespace {

constexpr Nanoseconds sleep_period = millisecond;
/// What is shorter is the noise of any machine.
constexpr Nanoseconds noticeable = 5 * millisecond;

/// How long the thread that makes it has been ready to run and waited for a processor: that is counted where
/// the others' is. Its file is not handed on to the programs that other threads start meanwhile.
class OwnWaits {
  public:
    OwnWaits() : file_(open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}
    ~OwnWaits() { close(file_); }
    OwnWaits(const OwnWaits&) = delete;
    OwnWaits& operator=(const OwnWaits&) = delete;

    Nanoseconds total() const {
        std::array<char, 128> text{};
        if (pread(file_, text.data(), text.size() - 1, 0) <= 0)
            return 0;
        Nanoseconds waited = 0;
        std::istringstream(text.data()) >> waited >> waited;
        return waited;
    }

  private:
    int file_;
};

}  // namespace

MachineStalls::MachineStalls() {
    cpu_set_t usable;
    CPU_ZERO(&usable);
    sched_getaffinity(0, sizeof usable, &usable);
    for (std::size_t processor = 0; processor < CPU_SETSIZE; ++processor)
        if (CPU_ISSET(processor, &usable))
            threads_.emplace_back(&MachineStalls::watch, this, processor);
}

MachineStalls::~MachineStalls() {
    ended_ = 1;
    futex::wake(ended_);
    for (auto& thread : threads_)
        thread.join();
}

void MachineStalls::watch(std::size_t processor) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(processor, &only);
    sched_setaffinity(0, sizeof only, &only);
    const OwnWaits own;
    while (ended_.load() == 0) {
        const Nanoseconds waited = own.total();
        const Nanoseconds begin = now();
        futex::wait(ended_, 0, begin + sleep_period);
        const Nanoseconds end = now();
        const Nanoseconds late = end - begin - sleep_period;
        if (late < noticeable)
            continue;
        const Nanoseconds stood_still = late - (own.total() - waited);
        if (stood_still >= noticeable)
            count(end - stood_still, end);
    }
}

void MachineStalls::count(Nanoseconds begin, Nanoseconds end) {
    const std::lock_guard lock(counting_);
    begin = std::max(begin, counted_until_);
    if (begin < end) {
        total_ += end - begin;
        counted_until_ = end;
    }
}

}  // namespace runtime::test
