#include "dev_handler/message.hpp"

#include <algorithm>

namespace runtime::dev_handler {
namespace {

constexpr std::size_t acknowledgement_size = 10;
constexpr std::size_t bitmap_size = 4;

std::uint64_t little_endian(std::span<const std::uint8_t> bytes) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        value |= std::uint64_t{bytes[i]} << (8 * i);
    return value;
}

std::size_t value_size(ParameterKind kind) noexcept {
    return kind == ParameterKind::boolean ? 1 : 4;
}

std::uint8_t checksum(std::span<const std::uint8_t> bytes) noexcept {
    std::uint8_t sum = 0;
    for (const std::uint8_t byte : bytes)
        sum ^= byte;
    return sum;
}

class MessageBuilder {
  public:
    explicit MessageBuilder(MessageId id) noexcept { bytes_[0] = static_cast<std::uint8_t>(id); }

    void put(std::uint32_t value, std::size_t size) noexcept {
        for (std::size_t i = 0; i < size; ++i)
            bytes_[size_++] = static_cast<std::uint8_t>(value >> (8 * i));
    }

    Frame frame() noexcept {
        bytes_[1] = static_cast<std::uint8_t>(size_ - 2);
        bytes_[size_] = checksum(std::span(bytes_).first(size_));
        return encode_frame(std::span(bytes_).first(size_ + 1));
    }

  private:
    std::array<std::uint8_t, max_message_size> bytes_{};
    std::size_t size_ = 2;
};

}  // namespace

Message parse_message(std::span<const std::uint8_t> bytes) noexcept {
    Message message;
    if (bytes.size() < min_message_size)
        return message;
    message.id = MessageId{bytes[0]};
    const auto body = bytes.first(bytes.size() - 1);
    if (checksum(body) != bytes.back()) {
        message.status = MessageStatus::bad_checksum;
        return message;
    }
    message.payload = body.subspan(2);
    if (bytes[1] == message.payload.size())
        message.status = MessageStatus::sound;
    return message;
}

std::optional<Acknowledgement> parse_acknowledgement(std::span<const std::uint8_t> payload) noexcept {
    if (payload.size() != acknowledgement_size)
        return std::nullopt;
    return Acknowledgement{payload[0], payload[1], little_endian(payload.subspan(2))};
}

std::optional<std::string_view> parse_log(std::span<const std::uint8_t> payload) noexcept {
    const auto end = std::find(payload.begin(), payload.end(), std::uint8_t{0});
    if (end == payload.end())
        return std::nullopt;
    return std::string_view(reinterpret_cast<const char*>(payload.data()),
                            static_cast<std::size_t>(end - payload.begin()));
}

std::optional<std::uint32_t> parse_device_data(std::span<const std::uint8_t> payload, const DeviceType& type,
                                               Values& values) noexcept {
    if (payload.size() < bitmap_size)
        return std::nullopt;
    const auto bitmap = static_cast<std::uint32_t>(little_endian(payload.first(bitmap_size)));
    payload = payload.subspan(bitmap_size);
    Values carried{};
    std::uint32_t reported = 0;
    for (std::size_t i = 0; i < type.parameter_count; ++i) {
        if ((bitmap >> i & 1U) == 0)
            continue;
        const ParameterType& parameter = type.parameters[i];
        const std::size_t size = value_size(parameter.kind);
        if (payload.size() < size)
            return std::nullopt;
        if (parameter.read) {
            const auto bits = static_cast<std::uint32_t>(little_endian(payload.first(size)));
            carried[i] = parameter.kind == ParameterKind::boolean ? Value::of(bits != 0) : Value{bits};
            reported |= 1U << i;
        }
        payload = payload.subspan(size);
    }
    for (std::size_t i = 0; i < type.parameter_count; ++i)
        if ((reported >> i & 1U) != 0)
            values[i] = carried[i];
    return reported;
}

std::size_t device_data_size(const DeviceType& type) noexcept {
    std::size_t payload = bitmap_size;
    for (std::size_t i = 0; i < type.parameter_count; ++i)
        if (type.parameters[i].read)
            payload += value_size(type.parameters[i].kind);
    // Delimiter, length and the one byte that COBS adds; id, payload length and checksum.
    return 3 + 3 + payload;
}

Frame ping_frame() noexcept {
    return MessageBuilder(MessageId::ping).frame();
}

Frame reset_frame() noexcept {
    return MessageBuilder(MessageId::reset).frame();
}

Frame device_write_frame(const DeviceType& type, std::uint32_t bitmap, const Values& values) noexcept {
    bitmap &= type.bitmap(&ParameterType::write);
    MessageBuilder builder(MessageId::device_write);
    builder.put(bitmap, bitmap_size);
    for (std::size_t i = 0; i < type.parameter_count; ++i)
        if ((bitmap >> i & 1U) != 0)
            builder.put(values[i].bits, value_size(type.parameters[i].kind));
    return builder.frame();
}

}  // namespace runtime::dev_handler
