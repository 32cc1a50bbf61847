#pragma once
#include <cmath>
#include <optional>

#include "net_handler/protocol/messages.hpp"
#include "shm_wrapper/clock.hpp"

namespace runtime::net {

/// RuntimeStatus goes to field control this often, and at once when something in it changes (network
/// protocol).
inline constexpr Nanoseconds status_period = 500 * millisecond;

/// Volts by which the battery must differ from what was sent for that to count as a change: below, it is
/// noise, and goes out with the next status.
inline constexpr float battery_step = 0.05F;

/// When field control is told the status. No I/O, and the time comes in.
class StatusRhythm {
  public:
    bool due(const Status& status, Nanoseconds time) const noexcept {
        return changed(status) || time >= next_;
    }
    /// Whether the status is not what was sent last.
    bool changed(const Status& status) const noexcept {
        if (!last_)
            return true;
        Status rest = status;
        rest.battery = last_->battery;
        return rest != *last_ || std::abs(status.battery - last_->battery) >= battery_step;
    }
    /// When it is due though nothing changes.
    Nanoseconds next() const noexcept { return next_; }
    void sent(const Status& status, Nanoseconds time) noexcept {
        last_ = status;
        next_ = time + status_period;
    }

  private:
    std::optional<Status> last_;
    Nanoseconds next_ = 0;
};

}  // namespace runtime::net
