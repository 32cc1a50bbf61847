#pragma once
/// The serial protocol once more, written from its description and not from dev_handler's code, so that a
/// mistake in one shows against the other.
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shm_wrapper/layout.hpp"

namespace runtime::test {

using Bytes = std::vector<std::uint8_t>;

struct WireMessage {
    int id = 0;
    Bytes payload;
    Bytes frame;  ///< as it stood on the wire
};

namespace wire {

inline constexpr int ping = 1;
inline constexpr int acknowledgement = 2;
inline constexpr int device_write = 3;
inline constexpr int device_data = 4;
inline constexpr int log = 5;
inline constexpr int reset = 6;

/// The message in a frame (delimiter, length, COBS), or nothing if anything about it is wrong.
inline std::optional<WireMessage> decode(const Bytes& frame) {
    if (frame.size() < 3 || frame[0] != 0 || frame[1] != frame.size() - 2)
        return std::nullopt;
    Bytes message;
    std::size_t next_zero = 2;
    for (std::size_t i = 2; i < frame.size(); ++i) {
        if (frame[i] == 0)
            return std::nullopt;
        if (i == next_zero) {
            if (i != 2)
                message.push_back(0);
            next_zero = i + frame[i];
        } else {
            message.push_back(frame[i]);
        }
    }
    if (next_zero != frame.size() || message.size() < 3 || message[1] != message.size() - 3)
        return std::nullopt;
    std::uint8_t sum = 0;
    for (const auto byte : message)
        sum = static_cast<std::uint8_t>(sum ^ byte);
    if (sum != 0)
        return std::nullopt;
    return WireMessage{message[0], Bytes(message.begin() + 2, message.end() - 1), frame};
}

inline Bytes encode(int id, const Bytes& payload) {
    Bytes message{static_cast<std::uint8_t>(id), static_cast<std::uint8_t>(payload.size())};
    message.insert(message.end(), payload.begin(), payload.end());
    std::uint8_t sum = 0;
    for (const auto byte : message)
        sum = static_cast<std::uint8_t>(sum ^ byte);
    message.push_back(sum);
    Bytes frame{0, static_cast<std::uint8_t>(message.size() + 1)};
    Bytes block;
    message.push_back(0);  // ends the last block; COBS never sends it
    for (const auto byte : message) {
        if (byte != 0) {
            block.push_back(byte);
            continue;
        }
        frame.push_back(static_cast<std::uint8_t>(block.size() + 1));
        frame.insert(frame.end(), block.begin(), block.end());
        block.clear();
    }
    return frame;
}

inline void append(Bytes& bytes, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

inline std::uint32_t u32(const Bytes& bytes, std::size_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof value);  // the hosts of these tests are little-endian
    return value;
}

inline Bytes acknowledge(std::uint8_t type, std::uint64_t uid, std::uint8_t year = 26) {
    Bytes payload{type, year};
    append(payload, uid, 8);
    return encode(acknowledgement, payload);
}

/// Characters of a LOG: its payload has at most 132 bytes, with the NUL.
inline constexpr std::size_t longest_text = 131;

inline Bytes text(const std::string& line) {
    Bytes payload(line.begin(), line.end());
    payload.push_back(0);
    return encode(log, payload);
}

using ValueMap = std::map<std::size_t, std::uint32_t>;  ///< parameter index → bits

/// DEVICE_DATA or DEVICE_WRITE of these values.
inline Bytes values(int id, const DeviceType& type, const ValueMap& carried) {
    Bytes payload;
    std::uint32_t bitmap = 0;
    for (const auto& [index, bits] : carried)
        bitmap |= 1U << index;
    append(payload, bitmap, 4);
    for (const auto& [index, bits] : carried)
        append(payload, bits, type.parameters[index].kind == ParameterKind::boolean ? 1 : 4);
    return encode(id, payload);
}

/// What a DEVICE_DATA or DEVICE_WRITE carries; bits past the last parameter and bytes behind are ignored.
/// Nothing if it is too short.
inline std::optional<ValueMap> parse_values(const Bytes& payload, const DeviceType& type) {
    if (payload.size() < 4)
        return std::nullopt;
    const std::uint32_t bitmap = u32(payload, 0);
    ValueMap result;
    std::size_t offset = 4;
    for (std::size_t i = 0; i < type.parameter_count; ++i) {
        if ((bitmap & (1U << i)) == 0)
            continue;
        const bool boolean = type.parameters[i].kind == ParameterKind::boolean;
        if (payload.size() < offset + (boolean ? 1 : 4))
            return std::nullopt;
        result[i] = boolean ? (payload[offset] != 0 ? 1U : 0U) : u32(payload, offset);
        offset += boolean ? 1 : 4;
    }
    return result;
}

}  // namespace wire
}  // namespace runtime::test
