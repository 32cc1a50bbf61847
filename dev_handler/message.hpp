#pragma once
/// The messages of the serial protocol: `u8 id`, `u8 payload length`, payload, `u8 checksum` (the XOR of all
/// bytes before it). Integers are little-endian. Pure functions; any thread.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dev_handler/frame.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::dev_handler {

enum class MessageId : std::uint8_t {
    ping = 0x01,
    acknowledgement = 0x02,
    device_write = 0x03,
    device_data = 0x04,
    log = 0x05,
    reset = 0x06,
};

enum class MessageStatus : std::uint8_t {
    sound,
    bad_checksum,
    bad_length,  ///< too short, or the payload length does not fit the message
};

struct Message {
    MessageStatus status = MessageStatus::bad_length;
    MessageId id{};  ///< may be one that the protocol does not know
    std::span<const std::uint8_t> payload;
};

/// Looks at a decoded message; the payload refers to its bytes.
Message parse_message(std::span<const std::uint8_t> bytes) noexcept;

/// Who a device is.
struct Acknowledgement {
    std::uint8_t type = 0;
    std::uint8_t year = 0;
    std::uint64_t uid = 0;
};

/// Nothing if the payload is not of the right size.
std::optional<Acknowledgement> parse_acknowledgement(std::span<const std::uint8_t> payload) noexcept;

/// The text of a LOG, up to its NUL. Nothing if there is no NUL.
std::optional<std::string_view> parse_log(std::span<const std::uint8_t> payload) noexcept;

using Values = std::array<Value, max_parameters>;

/// Copies what a DEVICE_DATA carries into `values` and returns the bitmap of the parameters that it changed:
/// those that the type reports. Bits past the type's last parameter, and bytes behind the last value, are
/// ignored: real firmware sends both. Nothing, with `values` untouched, if the payload is shorter than the
/// values that it must carry.
std::optional<std::uint32_t> parse_device_data(std::span<const std::uint8_t> payload, const DeviceType& type,
                                               Values& values) noexcept;

/// Bytes on the wire of a DEVICE_DATA with every parameter that the type reports.
std::size_t device_data_size(const DeviceType& type) noexcept;

Frame ping_frame() noexcept;
Frame reset_frame() noexcept;
/// A DEVICE_WRITE of the parameters of `bitmap`. Bits of parameters that the type does not let write are left
/// out: a device takes no bytes for them, so that all values behind would shift.
Frame device_write_frame(const DeviceType& type, std::uint32_t bitmap, const Values& values) noexcept;

}  // namespace runtime::dev_handler
