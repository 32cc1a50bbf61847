#include "tests/scenario/survival/machine_stalls.hpp"

#include <fcntl.h>
#include <unistd.h>

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

MachineStalls::MachineStalls() : thread_(&MachineStalls::watch, this) {}

MachineStalls::~MachineStalls() {
    ended_ = 1;
    futex::wake(ended_);
    thread_.join();
}

void MachineStalls::watch() {
    const OwnWaits own;
    while (ended_.load() == 0) {
        const Nanoseconds waited = own.total();
        const Nanoseconds begin = now();
        futex::wait(ended_, 0, begin + sleep_period);
        const Nanoseconds late = now() - begin - sleep_period;
        if (late < noticeable)
            continue;
        const Nanoseconds stood_still = late - (own.total() - waited);
        if (stood_still >= noticeable)
            total_ += stood_still;
    }
}

}  // namespace runtime::test
