#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net_handler/station/robot_client.hpp"
#include "shm_wrapper/terminal/row.hpp"

namespace runtime::station {

/// What the screen shows.
struct ScreenState {
    std::string_view robot;       ///< whom the station talks to
    std::string_view connection;  ///< how that goes
    bool connected;
    const Picture& picture;
    std::uint64_t keys;                ///< that count as held
    std::size_t first_row_of_devices;  ///< how far the devices are scrolled; bounded here
};

/// The rows of the screen from the top, `size.rows` of them, each at most `size.columns` characters wide,
/// with colours (SGR sequences) and no other control characters. No I/O.
///
/// From the top: state (the mode first), function keys, held keys, devices in columns, log. The devices get
/// the rows that they need, the log at least a third. A long line of the log takes several rows.
std::vector<std::string> screen_rows(const ScreenState& state, ScreenSize size);

/// More rows than any robot's devices take: 33 of at most 256 values, one a row.
inline constexpr std::size_t max_device_rows = std::size_t{33} * 257;

}  // namespace runtime::station
