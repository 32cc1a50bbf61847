#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "shm_wrapper/clock.hpp"

namespace runtime::test {

/// How long this machine has stood still: one of its processors, or more, was another's (a virtual machine on
/// a busy host), and no process here waited for it. The kernel counts such a time as one in which somebody
/// ran. Looked at by a thread on each processor that wants to wake every millisecond: one may stand still for
/// 200 ms with a daemon on it while the others run.
class MachineStalls {
  public:
    MachineStalls();
    ~MachineStalls();
    MachineStalls(const MachineStalls&) = delete;
    MachineStalls& operator=(const MachineStalls&) = delete;

    /// Since this was made. Any thread.
    Nanoseconds total() const noexcept { return total_.load(); }

  private:
    void watch(std::size_t processor);
    void count(Nanoseconds begin, Nanoseconds end);

    std::atomic<Nanoseconds> total_{0};
    std::mutex counting_;
    Nanoseconds counted_until_ = 0;  ///< a time is counted once, however many processors stand still
    std::atomic<std::uint32_t> ended_{0};
    std::vector<std::thread> threads_;
};

}  // namespace runtime::test
