#pragma once
#include "shm_wrapper/clock.hpp"

namespace runtime::net {

/// When a driver station gets its next DevData and its next log lines: at most so many a second, and within a
/// bandwidth. Logs come first but use at most half of the bandwidth; DevData takes what is left.
class Pacing {
  public:
    /// The shortest time between two Text packets: lines that come closer together share one.
    static constexpr Nanoseconds log_period = 10 * millisecond;
    /// The longest time that device data or logs wait, whatever the bandwidth: a driver station takes a robot
    /// that says nothing for some seconds for lost.
    static constexpr Nanoseconds longest_pause = 1 * second;

    /// `device_data_hz`: above 0. `megabits_per_second`: 0 for no limit.
    Pacing(double device_data_hz, double megabits_per_second) noexcept;

    Nanoseconds device_data_due() const noexcept;
    Nanoseconds log_due() const noexcept;
    void device_data_sent(std::size_t bytes, Nanoseconds time) noexcept;
    void log_sent(std::size_t bytes, Nanoseconds time) noexcept;

  private:
    Nanoseconds period_;
    double nanoseconds_per_byte_;
    Nanoseconds next_device_data_ = 0;
    Nanoseconds device_data_sent_ = 0;
    Nanoseconds next_log_ = 0;
    Nanoseconds paid_until_ = 0;      ///< by then all that was sent has used its share of the bandwidth
    Nanoseconds log_paid_until_ = 0;  ///< the same for logs and their half
};

}  // namespace runtime::net
