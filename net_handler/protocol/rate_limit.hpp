#pragma once
#include <cstdint>
#include <optional>

#include "shm_wrapper/clock.hpp"

namespace runtime::net {

/// Keeps a log readable when something happens over and over: says when it may be reported, and how often it
/// has happened since the last report.
class RateLimit {
  public:
    /// At most `reports` in each `period`.
    explicit RateLimit(std::uint64_t reports = 1, Nanoseconds period = second) noexcept
        : reports_(reports), period_(period) {}

    /// It has happened. The number of times since the last report, this one included, if it may be reported
    /// now.
    std::optional<std::uint64_t> count(Nanoseconds time) noexcept {
        ++pending_;
        ++total_;
        if (period_start_ == 0 || time - period_start_ >= period_) {
            period_start_ = time;
            reported_ = 0;
        }
        if (reported_ >= reports_)
            return std::nullopt;
        ++reported_;
        const std::uint64_t since_last = pending_;
        pending_ = 0;
        return since_last;
    }

    std::uint64_t total() const noexcept { return total_; }

  private:
    std::uint64_t reports_;
    Nanoseconds period_;
    Nanoseconds period_start_ = 0;
    std::uint64_t reported_ = 0;
    std::uint64_t pending_ = 0;
    std::uint64_t total_ = 0;
};

}  // namespace runtime::net
