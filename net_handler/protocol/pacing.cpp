#include "net_handler/protocol/pacing.hpp"

#include <algorithm>

namespace runtime::net {
namespace {

/// Logs may run ahead of their share by this much: a traceback arrives at once.
constexpr Nanoseconds log_burst = 100 * millisecond;
/// The same for DevData and the whole, so that a packet of log lines does not hold it up.
constexpr Nanoseconds burst = 50 * millisecond;
constexpr double bits_per_byte = 8;
constexpr double nanoseconds_per_microsecond = 1000;  // a megabit per second is a bit per microsecond

Nanoseconds after(Nanoseconds paid_until, Nanoseconds time, double cost) {
    return std::max(paid_until, time) + static_cast<Nanoseconds>(cost);
}

}  // namespace

Pacing::Pacing(double device_data_hz, double megabits_per_second) noexcept
    : period_(static_cast<Nanoseconds>(static_cast<double>(second) / device_data_hz)),
      nanoseconds_per_byte_(
          megabits_per_second > 0 ? bits_per_byte * nanoseconds_per_microsecond / megabits_per_second : 0) {}

Nanoseconds Pacing::device_data_due() const noexcept {
    return std::min(std::max(next_device_data_, paid_until_ - burst), device_data_sent_ + longest_pause);
}

Nanoseconds Pacing::log_due() const noexcept {
    return std::max(next_log_, log_paid_until_ - log_burst);
}

void Pacing::device_data_sent(std::size_t bytes, Nanoseconds time) noexcept {
    device_data_sent_ = time;
    // On a fixed grid while it can be kept, so that late turns of the loop do not add up.
    next_device_data_ = time - next_device_data_ < period_ ? next_device_data_ + period_ : time + period_;
    paid_until_ = std::min(after(paid_until_, time, static_cast<double>(bytes) * nanoseconds_per_byte_),
                           time + longest_pause);
}

void Pacing::log_sent(std::size_t bytes, Nanoseconds time) noexcept {
    const double cost = static_cast<double>(bytes) * nanoseconds_per_byte_;
    next_log_ = time + log_period;
    paid_until_ = after(paid_until_, time, cost);
    log_paid_until_ = std::min(after(log_paid_until_, time, 2 * cost), time + longest_pause);
}

}  // namespace runtime::net
