#include "tests/virtual_devices/frames.hpp"

#include <algorithm>

namespace runtime::virtual_devices {

Frame make_frame(MessageId id, std::span<const std::uint8_t> payload, std::uint8_t checksum_error) {
    Frame frame;
    frame.id = id;
    frame.size = 3;
    frame.bytes[0] = 0x00;
    std::size_t code = 2;  // where the distance to the next zero of the message belongs
    std::uint8_t checksum = checksum_error;
    const auto put = [&](std::uint8_t byte) {
        if (byte == 0) {
            frame.bytes[code] = static_cast<std::uint8_t>(frame.size - code);
            code = frame.size;
        } else {
            frame.bytes[frame.size] = byte;
        }
        ++frame.size;
    };
    const auto put_checked = [&](std::uint8_t byte) {
        checksum ^= byte;
        put(byte);
    };
    payload = payload.first(std::min(payload.size(), max_payload));
    put_checked(static_cast<std::uint8_t>(id));
    put_checked(static_cast<std::uint8_t>(payload.size()));
    for (const std::uint8_t byte : payload)
        put_checked(byte);
    put(checksum);
    frame.bytes[code] = static_cast<std::uint8_t>(frame.size - code);
    frame.bytes[1] = static_cast<std::uint8_t>(frame.size - 2);
    return frame;
}

std::optional<Message> decode(std::span<const std::uint8_t> encoded, MessageBuffer& buffer) {
    std::size_t size = 0;
    while (!encoded.empty()) {
        const std::size_t block = encoded[0];
        if (block == 0 || block > encoded.size())
            return std::nullopt;
        for (const std::uint8_t byte : encoded.subspan(1, block - 1)) {
            if (byte == 0)
                return std::nullopt;
            buffer[size++] = byte;
        }
        encoded = encoded.subspan(block);
        if (block != 0xFF && !encoded.empty())
            buffer[size++] = 0;
    }
    if (size < 3 || buffer[1] != size - 3)
        return std::nullopt;
    std::uint8_t checksum = 0;
    for (std::size_t i = 0; i < size; ++i)
        checksum ^= buffer[i];
    if (checksum != 0)
        return std::nullopt;
    return Message{buffer[0], {buffer.data() + 2, size - 3}};
}

}  // namespace runtime::virtual_devices
