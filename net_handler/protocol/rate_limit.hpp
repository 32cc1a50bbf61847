#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "shm_wrapper/clock.hpp"

namespace runtime::net {

/// Keeps a log readable when something happens over and over: says when it may be reported, and how often it
/// has happened since the last report.
class RateLimit {
  public:
    /// One report a second in the long run; after a pause up to `burst` at once.
    explicit RateLimit(int burst = 1) noexcept : burst_(burst) {}

    /// It has happened. The number of times since the last report, this one included, if it may be reported
    /// now.
    std::optional<std::uint64_t> count(Nanoseconds time) noexcept {
        ++pending_;
        ++total_;
        return overdue(time);
    }

    /// The same for what has happened before and was not reported; nothing where there is none.
    std::optional<std::uint64_t> overdue(Nanoseconds time) noexcept {
        if (pending_ == 0)
            return std::nullopt;
        // Each report is paid for with a second; up to `burst` seconds may be owed.
        paid_until_ = std::max(paid_until_, time - burst_ * second);
        if (paid_until_ > time - second)
            return std::nullopt;
        paid_until_ += second;
        const std::uint64_t since_last = pending_;
        pending_ = 0;
        return since_last;
    }

    std::uint64_t total() const noexcept { return total_; }

  private:
    int burst_;
    Nanoseconds paid_until_ = std::numeric_limits<Nanoseconds>::min();
    std::uint64_t pending_ = 0;
    std::uint64_t total_ = 0;
};

}  // namespace runtime::net
