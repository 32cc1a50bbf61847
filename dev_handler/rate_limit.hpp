#pragma once
#include <cstdint>

#include "shm_wrapper/clock.hpp"

namespace runtime::dev_handler {

/// Allows at most `limit` events in each window of time, and counts the rest. Pure.
class RateLimit {
  public:
    RateLimit(std::uint32_t limit, Nanoseconds window) noexcept : limit_(limit), window_(window) {}

    /// Whether a window has not begun, or has ended.
    bool over(Nanoseconds time) const noexcept { return begin_ == 0 || time - begin_ >= window_; }
    bool allow(Nanoseconds time) noexcept {
        if (over(time)) {
            begin_ = time;
            used_ = 0;
        }
        if (used_ < limit_) {
            ++used_;
            return true;
        }
        ++suppressed_;
        return false;
    }
    /// How many were not allowed since the last call.
    std::uint64_t take_suppressed() noexcept {
        const std::uint64_t count = suppressed_;
        suppressed_ = 0;
        return count;
    }
    std::uint64_t suppressed() const noexcept { return suppressed_; }

  private:
    std::uint32_t limit_;
    Nanoseconds window_;
    Nanoseconds begin_ = 0;
    std::uint32_t used_ = 0;
    std::uint64_t suppressed_ = 0;
};

/// A delay that doubles with each use, up to a limit. Pure.
class Backoff {
  public:
    Backoff(Nanoseconds first, Nanoseconds limit) noexcept : first_(first), limit_(limit), next_(first) {}
    Nanoseconds next() noexcept {
        const Nanoseconds delay = next_;
        next_ = next_ * 2 < limit_ ? next_ * 2 : limit_;
        return delay;
    }
    void reset() noexcept { next_ = first_; }

  private:
    Nanoseconds first_;
    Nanoseconds limit_;
    Nanoseconds next_;
};

}  // namespace runtime::dev_handler
