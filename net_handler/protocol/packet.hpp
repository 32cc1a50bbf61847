#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace runtime::net {

/// Who is at the other end. The value is the identity byte with which a connection starts.
enum class Client : std::uint8_t {
    field_control = 0,   ///< Shepherd
    driver_station = 1,  ///< Dawn
};
inline constexpr std::size_t client_count = 2;

constexpr std::size_t index_of(Client client) noexcept {
    return static_cast<std::size_t>(client);
}

/// For messages to people.
constexpr std::string_view name_of(Client client) noexcept {
    return client == Client::field_control ? "field control" : "driver station";
}

enum class PacketType : std::uint8_t {
    run_mode = 0,
    start_position = 1,
    log = 2,
    device_data = 3,
    game_state = 4,
    user_inputs = 5,
    time_stamps = 6,     ///< between the robot and the driver station
    runtime_status = 6,  ///< from the robot to field control
};

/// u8 type, u16 length (little-endian).
inline constexpr std::size_t header_size = 3;
/// The most that the length can say.
inline constexpr std::size_t max_payload = 65535;
/// The longest payload from a client that is understood. The largest real one is a UserInputs of a few
/// hundred bytes; what is longer is skipped, so that nobody can make the robot buffer or parse it.
inline constexpr std::size_t max_client_payload = 4096;

/// Writes the header of a packet. `payload_size`: at most max_payload.
inline void write_header(std::span<std::uint8_t, header_size> out, PacketType type,
                         std::size_t payload_size) noexcept {
    out[0] = static_cast<std::uint8_t>(type);
    out[1] = static_cast<std::uint8_t>(payload_size & 0xFF);
    out[2] = static_cast<std::uint8_t>(payload_size >> 8);
}

}  // namespace runtime::net
