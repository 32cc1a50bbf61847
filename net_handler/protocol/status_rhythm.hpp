#pragma once
#include <optional>

#include "net_handler/protocol/messages.hpp"
#include "shm_wrapper/clock.hpp"

namespace runtime::net {

/// RuntimeStatus goes to field control this often, and at once when something in it changes (network
/// protocol).
inline constexpr Nanoseconds status_period = 500 * millisecond;

/// When field control is told the status. No I/O, and the time comes in.
class StatusRhythm {
  public:
    bool due(const Status& status, Nanoseconds time) const noexcept {
        return changed(status) || time >= next_;
    }
    /// Whether the status is not what was sent last.
    bool changed(const Status& status) const noexcept { return last_ != status; }
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
