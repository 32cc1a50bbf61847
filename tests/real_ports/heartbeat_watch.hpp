#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/futex.hpp"

namespace runtime::test {

/// The longest time between two heartbeats of dev_handler: how long its loop stood still, beyond the time
/// that the whole machine did.
class HeartbeatWatch {
  public:
    explicit HeartbeatWatch(const std::atomic<Nanoseconds>& heartbeat)
        : thread_([this, &heartbeat] {
              while (ended_.load() == 0) {
                  const Nanoseconds planned = now() + heartbeat_period;
                  futex::wait(ended_, 0, planned);
                  longest_ = std::max(longest_.load(), planned - heartbeat.load());
              }
          }) {}
    ~HeartbeatWatch() {
        ended_ = 1;
        futex::wake(ended_);
        thread_.join();
    }
    HeartbeatWatch(const HeartbeatWatch&) = delete;
    HeartbeatWatch& operator=(const HeartbeatWatch&) = delete;
    Nanoseconds longest() const noexcept { return longest_; }

  private:
    std::atomic<Nanoseconds> longest_{0};
    std::atomic<std::uint32_t> ended_{0};
    std::thread thread_;
};

}  // namespace runtime::test
