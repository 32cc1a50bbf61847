#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "net_handler/station/robot_client.hpp"

namespace runtime::station {

/// What `--print` writes to standard output. Each line ends with a newline.

/// One device a line: `6_1 KoalaBear velocity_a=0.5 …`, its name for CustomData.
std::string devices_as_text(const DevData& devices);
/// All devices in one line: {"time_ms": …, "devices": {"6_1": {"name": "KoalaBear", "values": {…}}, …}}. The
/// logged values are the device "CustomData". A float that is no number is null. `time_ms`: since the Unix
/// epoch.
std::string devices_as_json(const DevData& devices, std::uint64_t time_ms);
/// {"time_ms": …, "line": "…"}
std::string log_line_as_json(std::string_view line, std::uint64_t time_ms);

/// `6_1`; `CustomData` for the logged values.
std::string id_of(const Device& device);
/// As people read it: a float with at most four significant digits.
std::string value_text(const Param& parameter);

}  // namespace runtime::station
