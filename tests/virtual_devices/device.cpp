#include "tests/virtual_devices/device.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <utility>

namespace runtime::virtual_devices {
namespace {

/// The firmware of boards with 16-bit integers knows 16 parameters; types with more run on wider ones.
constexpr std::size_t narrow_parameters = 16;

/// DEVICE_DATA that are made up for when the loop comes round late: USB delivers such bursts too.
constexpr int largest_burst = 4;

/// Ten bits at 115200 baud.
constexpr Nanoseconds uart_byte = 86'806;

void put_little_endian(std::uint8_t* to, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
        to[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t get_little_endian(std::span<const std::uint8_t> from) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < from.size() && i < 4; ++i)
        value |= static_cast<std::uint32_t>(from[i]) << (8 * i);
    return value;
}

std::size_t value_size(ParameterKind kind) {
    return kind == ParameterKind::boolean ? 1 : 4;
}

bool sets_all_bits(const DeviceType& type) {
    return type.name() == "PDB" || type.name() == "UltrasonicSensor";
}

}  // namespace

std::uint32_t data_bitmap(const DeviceType& type) noexcept {
    if (sets_all_bits(type))
        return 0xFFFFFFFF;
    const std::uint32_t bits = type.bitmap(&ParameterType::read);
    if (type.parameter_count > narrow_parameters)
        return bits;
    return static_cast<std::uint32_t>(std::bit_cast<std::int16_t>(static_cast<std::uint16_t>(bits)));
}

std::size_t surplus_bytes(const DeviceType& type) noexcept {
    return sets_all_bits(type) ? 4 * (max_parameters - type.parameter_count) : 0;
}

Device::Device(const DeviceType& type, Identity identity, std::unique_ptr<Model> model,
               Nanoseconds data_period)
    : type_(type), identity_(identity), model_(std::move(model)), data_period_(data_period) {
    texts_.reserve(max_texts);
}

void Device::receive(std::span<const std::uint8_t> bytes, Nanoseconds time, Frames& out) {
    if (dead_)
        return;
    receiver_.push(bytes);
    if (time >= busy_until_)
        read_messages(time, out);
}

void Device::tick(Nanoseconds time, Frames& out) {
    if (!dead_)
        model_->follow_world(time);
    if (dead_ || time < busy_until_)
        return;
    read_messages(time, out);
    if (dead_ || receiver_.waiting() || time < busy_until_ || !enabled_)
        return;
    if (time - fed_ >= watchdog && !defects_.no_watchdog) {
        reset_itself(out);
        return;
    }
    for (int i = 0; i < largest_burst && time >= next_data_; ++i) {
        model_->step(time);
        dead_ = model_->dead();
        if (dead_)
            return;
        send_data(out);
        next_data_ = data_sent_ ? next_data_ + data_period_ : time + data_period_;
        data_sent_ = true;
        if (defects_.uart)
            next_data_ = std::max(next_data_, time + static_cast<Nanoseconds>(out.back().size) * uart_byte);
        if (const Nanoseconds pause = model_->pause_before_data() + defects_.stall; pause != 0) {
            busy_until_ = time + pause;
            next_data_ = busy_until_;
        }
    }
    next_data_ = std::max(next_data_, time - data_period_);
    if (data_sent_)
        send_texts(out);
}

void Device::read_messages(Nanoseconds time, Frames& out) {
    Message message{};
    while (!dead_ && time >= busy_until_) {
        const auto result = receiver_.next(time, message);
        if (result == Receiver::Result::nothing)
            return;
        if (result == Receiver::Result::message) {
            handle(message, time, out);
        } else {
            ++received_.bad_frames;
            say("a frame from the host was bad");
        }
    }
}

void Device::handle(const Message& message, Nanoseconds time, Frames& out) {
    switch (static_cast<MessageId>(message.id)) {
        case MessageId::ping:
            ++received_.pings;
            received_.last_ping = time;
            fed_ = time;
            if (!enabled_)
                acknowledge(time, out);
            return;
        case MessageId::device_write:
            ++received_.writes;
            received_.last_write = time;
            fed_ = time;
            write(message.payload, time);
            return;
        case MessageId::reset:
            ++received_.resets;
            received_.last_reset = time;
            disable();
            return;
        default:
            ++received_.bad_frames;
            say("the host sent message " + std::to_string(message.id) + ", which no device knows");
    }
}

void Device::acknowledge(Nanoseconds time, Frames& out) {
    enabled_ = true;
    data_sent_ = false;
    std::array<std::uint8_t, 10> payload;
    payload[0] = defects_.announced_type.value_or(type_.number);
    payload[1] = identity_.year;
    put_little_endian(&payload[2], identity_.uid, 8);
    send(MessageId::acknowledgement, payload, out);
    std::array<char, 80> text;
    std::snprintf(text.data(), text.size(), "type %u, UID 0x%016llX acknowledged a PING",
                  static_cast<unsigned>(type_.number), static_cast<unsigned long long>(identity_.uid));
    say(text.data());
    if (const auto greeting = model_->greeting(); !greeting.empty())
        say(std::string(greeting));
    busy_until_ = time + model_->pause_after_acknowledgement();
    next_data_ = busy_until_;
}

void Device::write(std::span<const std::uint8_t> payload, Nanoseconds time) {
    if (payload.size() < 4)
        return;
    std::uint32_t bitmap = get_little_endian(payload.first(4));
    auto values = payload.subspan(4);
    if (type_.parameter_count <= narrow_parameters) {
        // 1 << 15 is negative in 16 bits: extended to 32 it covers all bits from there on.
        const bool last = (bitmap & 0xFFFF8000) != 0;
        bitmap = (bitmap & 0x7FFF) | (last ? 0x8000U : 0U);
    }
    for (std::size_t i = 0; i < max_parameters; ++i)
        if ((bitmap >> i & 1) != 0)
            values = values.subspan(write_parameter(i, values, time));
}

std::size_t Device::write_parameter(std::size_t index, std::span<const std::uint8_t> values,
                                    Nanoseconds time) {
    if (index >= type_.parameter_count || !type_.parameters[index].write)
        return 0;
    const std::size_t size = value_size(type_.parameters[index].kind);
    if (values.size() < size)
        return 0;
    const Value value{get_little_endian(values.first(size))};
    auto& written = received_.parameters[index];
    ++written.count;
    written.value = value;
    written.time = time;
    return model_->write(index, value, time) ? size : 0;
}

void Device::disable() {
    enabled_ = false;
    model_->reset();
}

void Device::reset_itself(Frames& out) {
    disable();
    send(MessageId::reset, {}, out);
}

void Device::say(std::string text) {
    if (texts_.size() + 1 == max_texts && !enabled_)
        dead_ = true;
    if (texts_.size() < max_texts)
        texts_.push_back(std::move(text));
}

void Device::send_texts(Frames& out) {
    for (const auto& text : texts_) {
        std::array<std::uint8_t, max_payload> payload{};
        const std::size_t length = std::min(text.size(), payload.size() - 1);
        std::copy_n(text.begin(), length, payload.begin());
        send(MessageId::log, {payload.data(), length + 1}, out);
    }
    texts_.clear();
}

void Device::pretend(std::size_t index, std::optional<Value> value) {
    pretended_[index] = value;
}

Value Device::value(std::size_t index) const noexcept {
    return pretended_[index].value_or(model_->values()[index]);
}

void Device::send_data(Frames& out) {
    std::array<std::uint8_t, max_payload> payload{};
    put_little_endian(payload.data(), data_bitmap(type_), 4);
    std::size_t size = 4;
    for (std::size_t i = 0; i < type_.parameter_count; ++i) {
        if (!type_.parameters[i].read)
            continue;
        const std::size_t bytes = value_size(type_.parameters[i].kind);
        put_little_endian(&payload[size], value(i).bits, bytes);
        size += bytes;
    }
    // A PDB's surplus is recorded as zeros. Of an UltrasonicSensor's nothing is known but its size, so it
    // gets bytes that a host which takes them for values would notice.
    const std::uint8_t filler = type_.name() == "PDB" ? 0x00 : 0xA5;
    std::fill_n(&payload[size], surplus_bytes(type_), filler);
    send(MessageId::device_data, {payload.data(), size + surplus_bytes(type_)}, out);
}

void Device::send(MessageId id, std::span<const std::uint8_t> payload, Frames& out) const {
    out.push_back(make_frame(id, payload, defects_.wrong_checksum ? 0x5A : 0x00));
}

}  // namespace runtime::virtual_devices
