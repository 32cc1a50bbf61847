#pragma once
/// The frames of the serial protocol, as a device's firmware builds and reads them. Written apart from
/// dev_handler's codec on purpose: a mistake in one of them must not hide in the other.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace runtime::virtual_devices {

enum class MessageId : std::uint8_t {
    ping = 0x01,
    acknowledgement = 0x02,
    device_write = 0x03,
    device_data = 0x04,
    log = 0x05,
    reset = 0x06,
};

/// A 4-byte bitmap and 32 values of 4 bytes.
inline constexpr std::size_t max_payload = 132;
/// id, payload length, payload, checksum.
inline constexpr std::size_t max_message = max_payload + 3;
/// Delimiter, length, and one code byte for COBS (a message this short never needs a second one at 0xFF).
inline constexpr std::size_t max_frame = max_message + 3;

/// One frame as it goes over the wire.
struct Frame {
    std::array<std::uint8_t, max_frame> bytes;
    std::size_t size = 0;

    std::span<const std::uint8_t> view() const noexcept { return {bytes.data(), size}; }
    MessageId id = MessageId::reset;
};

/// What a device sends, in order. Reserved once and cleared, so that the steady path does not allocate.
using Frames = std::vector<Frame>;

/// Builds a frame. `payload`: at most max_payload bytes, the rest is cut off. `checksum_error` is XORed into
/// the checksum: not 0 makes a frame that must be refused.
Frame make_frame(MessageId id, std::span<const std::uint8_t> payload, std::uint8_t checksum_error = 0);

/// A decoded message. The payload points into the decoder's buffer.
struct Message {
    std::uint8_t id;
    std::span<const std::uint8_t> payload;
};

/// The longest message that a length byte can announce.
using MessageBuffer = std::array<std::uint8_t, 255>;

/// Undoes COBS and checks length and checksum. `encoded`: what stands behind the length byte, at most 255
/// bytes. Nothing where it is not a message.
std::optional<Message> decode(std::span<const std::uint8_t> encoded, MessageBuffer& buffer);

}  // namespace runtime::virtual_devices
