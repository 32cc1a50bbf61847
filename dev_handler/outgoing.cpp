#include "dev_handler/outgoing.hpp"

#include <algorithm>

#include "dev_handler/command_filter.hpp"

namespace runtime::dev_handler {

void Outgoing::connect(const DeviceType& type) noexcept {
    disconnect();
    type_ = &type;
    stop_parameters_ = type.bitmap(&ParameterType::stop) & type.bitmap(&ParameterType::write);
    unreported_ = stop_parameters_ & ~type.bitmap(&ParameterType::read);
    command_period_ = command_period;
    if (bytes_per_second_ != 0)
        command_period_ = std::max(
            command_period_, static_cast<Nanoseconds>(device_data_size(type)) * second / bytes_per_second_);
    stop();
}

void Outgoing::disconnect() noexcept {
    type_ = nullptr;
    stop_parameters_ = 0;
    unreported_ = 0;
    reset_ = false;
    ping_ = false;
    pending_ = 0;
    moving_ = 0;
    unconfirmed_ = 0;
    zero_written_ = 0;
    forget_zeros();
}

void Outgoing::forget_zeros() noexcept {
    // What remains to be written of a frame is only bytes now: completing it confirms nothing.
    bits_in_frame_ = 0;
}

void Outgoing::settle(std::uint32_t parameters) noexcept {
    if (unconfirmed_ != 0 && (unconfirmed_ & ~parameters) == 0)
        ++times_settled_;
    unconfirmed_ &= ~parameters;
}

void Outgoing::new_line() noexcept {
    content_ = Content::nothing;
    frame_.size = 0;
    offset_ = 0;
    line_free_ = 0;
    next_commands_ = 0;
}

bool Outgoing::command(std::size_t parameter, Value value, std::uint64_t& coalesced) noexcept {
    if (type_ == nullptr || parameter >= type_->parameter_count || !type_->parameters[parameter].write)
        return false;
    const std::uint32_t bit = 1U << parameter;
    if ((pending_ & bit) != 0)
        ++coalesced;
    if (values_[parameter] != value)
        sent_ &= ~bit;
    pending_ |= bit;
    settle(bit);
    zero_written_ &= ~bit;
    if ((stop_parameters_ & bit) != 0 && !is_zero(type_->parameters[parameter].kind, value))
        moving_ |= bit;
    else
        moving_ &= ~bit;
    values_[parameter] = value;
    return true;
}

void Outgoing::stop() noexcept {
    pending_ = 0;
    sent_ = 0;
    moving_ = 0;
    unconfirmed_ = stop_parameters_;
    unreported_left_ = unreported_stops;
    zero_written_ = 0;
    forget_zeros();
    stop_written_ = 0;
}

void Outgoing::reported(std::uint32_t reported, const Values& values) noexcept {
    std::uint32_t looked_at = reported & stop_parameters_ & ~moving_;
    for (std::size_t i = 0; looked_at != 0; ++i, looked_at >>= 1) {
        if ((looked_at & 1U) == 0)
            continue;
        const std::uint32_t bit = 1U << i;
        if (!is_zero(type_->parameters[i].kind, values[i]))
            unconfirmed_ |= bit;
        else if ((zero_written_ & bit) != 0)
            settle(bit);
    }
}

bool Outgoing::stop_due(Nanoseconds time) const noexcept {
    return unconfirmed_ != 0 && (stop_written_ == 0 || time >= stop_written_ + stop_period);
}

std::span<const std::uint8_t> Outgoing::front(Nanoseconds time) noexcept {
    if (offset_ != 0)
        return frame_.view().subspan(offset_);
    if (stop_due(time)) {
        content_ = Content::stop;
        bits_in_frame_ = unconfirmed_;
        frame_ = device_write_frame(*type_, bits_in_frame_, Values{});
    } else if (reset_) {
        content_ = Content::reset;
        frame_ = reset_frame();
    } else if (ping_) {
        content_ = Content::ping;
        frame_ = ping_frame();
    } else if (pending_ != 0 && time >= commands_due()) {
        content_ = Content::commands;
        bits_in_frame_ = pending_;
        frame_ = device_write_frame(*type_, bits_in_frame_, values_);
    } else {
        content_ = Content::nothing;
        frame_.size = 0;
    }
    return frame_.view();
}

void Outgoing::begun() noexcept {
    switch (content_) {
        case Content::reset:
            reset_ = false;
            break;
        case Content::ping:
            ping_ = false;
            break;
        case Content::commands:
            pending_ &= ~bits_in_frame_;
            sent_ |= bits_in_frame_;
            break;
        case Content::stop:
        case Content::nothing:
            break;
    }
}

void Outgoing::completed(Nanoseconds time) noexcept {
    if (content_ == Content::commands) {
        next_commands_ = std::max(next_commands_, time) + command_period_;
        // Zeros among them are stops; but not those that a newer command has replaced meanwhile.
        bits_in_frame_ &= stop_parameters_ & ~moving_ & ~pending_;
        if ((bits_in_frame_ & unreported_ & ~unconfirmed_) != 0)
            unreported_left_ = unreported_stops;
        unconfirmed_ |= bits_in_frame_;
    }
    if ((content_ == Content::stop || content_ == Content::commands) && bits_in_frame_ != 0) {
        zero_written_ |= bits_in_frame_;
        if ((bits_in_frame_ & unreported_) != 0 && --unreported_left_ <= 0)
            settle(bits_in_frame_ & unreported_);
        // A zero that still waits to be repeated must not wait longer because of others.
        if ((unconfirmed_ & ~bits_in_frame_) == 0)
            stop_written_ = time;
    }
    content_ = Content::nothing;
    offset_ = 0;
}

bool Outgoing::written(std::size_t size, Nanoseconds time) noexcept {
    if (offset_ == 0)
        begun();
    offset_ += size;
    if (bytes_per_second_ != 0)
        line_free_ = std::max(line_free_, time) + static_cast<Nanoseconds>(size) * second / bytes_per_second_;
    if (offset_ < frame_.size)
        return false;
    completed(time);
    return true;
}

Nanoseconds Outgoing::commands_due() const noexcept {
    const bool news = (pending_ & ~sent_) != 0;
    const Nanoseconds ahead = (bytes_per_second_ == 0 ? command_burst : slow_line_burst) * command_period_;
    return std::max(line_free_, news ? next_commands_ - ahead : next_commands_);
}

Nanoseconds Outgoing::deadline() const noexcept {
    Nanoseconds deadline = never;
    if (unconfirmed_ != 0)
        deadline = stop_written_ + stop_period;
    if (pending_ != 0)
        deadline = std::min(deadline, commands_due());
    return deadline;
}

}  // namespace runtime::dev_handler
