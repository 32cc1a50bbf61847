#pragma once
#include <algorithm>
#include <cstdint>

#include "shm_wrapper/clock.hpp"

namespace runtime {

/// Spreads events that come without end: some at once, the others at a steady rate. Pure.
class Pace {
  public:
    /// `burst`: how many may follow each other without a pause, where there were none before; at least 1.
    Pace(Nanoseconds interval, std::uint32_t burst) noexcept
        : interval_(interval), ahead_((Nanoseconds{burst} - 1) * interval) {}

    /// When an event that wants to be at `time` may be: then, or later. It counts as one that is.
    Nanoseconds next(Nanoseconds time) noexcept {
        const Nanoseconds due = std::max(time, used_up_to_ - ahead_);
        used_up_to_ = std::max(used_up_to_, due) + interval_;
        return due;
    }

  private:
    Nanoseconds interval_;
    Nanoseconds ahead_;  ///< how far a burst may run ahead of the rate
    Nanoseconds used_up_to_ = 0;
};

}  // namespace runtime
