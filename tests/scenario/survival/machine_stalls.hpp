#pragma once
#include <atomic>
#include <cstdint>
#include <thread>

#include "shm_wrapper/clock.hpp"

namespace runtime::test {

/// How long this machine has stood still: its processors were another's (a virtual machine on a busy host),
/// and no process here waited for them. The kernel counts such a time as one in which somebody ran. Looked at
/// by a thread of its own that wants to wake every millisecond.
class MachineStalls {
  public:
    MachineStalls();
    ~MachineStalls();
    MachineStalls(const MachineStalls&) = delete;
    MachineStalls& operator=(const MachineStalls&) = delete;

    /// Since this was made. Any thread.
    Nanoseconds total() const noexcept { return total_.load(); }

  private:
    void watch();

    std::atomic<Nanoseconds> total_{0};
    std::atomic<std::uint32_t> ended_{0};
    std::thread thread_;
};

}  // namespace runtime::test
