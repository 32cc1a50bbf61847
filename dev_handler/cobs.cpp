#include "dev_handler/cobs.hpp"

namespace runtime::dev_handler {

std::size_t cobs_encode(std::span<const std::uint8_t> data, std::span<std::uint8_t> encoded) noexcept {
    std::size_t code_position = 0;
    std::size_t position = 1;
    for (const std::uint8_t byte : data) {
        if (byte == 0) {
            encoded[code_position] = static_cast<std::uint8_t>(position - code_position);
            code_position = position++;
        } else {
            encoded[position++] = byte;
        }
    }
    encoded[code_position] = static_cast<std::uint8_t>(position - code_position);
    return position;
}

std::optional<std::size_t> cobs_decode(std::span<const std::uint8_t> encoded,
                                       std::span<std::uint8_t> data) noexcept {
    constexpr std::uint8_t full_block = 0xFF;  // not followed by an implied zero
    if (encoded.empty())
        return std::nullopt;
    std::size_t size = 0;
    while (!encoded.empty()) {
        const std::uint8_t code = encoded.front();
        if (code == 0 || code > encoded.size() || size + code > data.size() + 1)
            return std::nullopt;
        for (std::size_t i = 1; i < code; ++i) {
            if (encoded[i] == 0)
                return std::nullopt;
            data[size++] = encoded[i];
        }
        encoded = encoded.subspan(code);
        if (code != full_block && !encoded.empty()) {
            if (size == data.size())
                return std::nullopt;
            data[size++] = 0;
        }
    }
    return size;
}

}  // namespace runtime::dev_handler
