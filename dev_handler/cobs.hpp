#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace runtime::dev_handler {

/// Consistent overhead byte stuffing: data without any 0x00, so that 0x00 can delimit frames. Pure functions;
/// any thread.

/// Bytes that the encoding of `size` bytes takes, for sizes below 254 (one block): always one more.
constexpr std::size_t cobs_size(std::size_t size) noexcept {
    return size + 1;
}

/// Encodes `data` (fewer than 254 bytes) into the front of `encoded`, which has room for
/// cobs_size(data.size()) bytes. The number of bytes written.
std::size_t cobs_encode(std::span<const std::uint8_t> data, std::span<std::uint8_t> encoded) noexcept;

/// Decodes the whole of `encoded`. The number of bytes written to `data`; nothing if `encoded` is empty,
/// holds a 0x00, ends inside a block, or decodes to more than `data` has room for.
std::optional<std::size_t> cobs_decode(std::span<const std::uint8_t> encoded,
                                       std::span<std::uint8_t> data) noexcept;

}  // namespace runtime::dev_handler
