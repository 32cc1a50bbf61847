#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net_handler/protocol/packet.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::net {

/// IDLE, AUTO or TELEOP.
std::string_view name_of(RunMode mode) noexcept;

/// The log line of a change of the run mode by a client.
std::string mode_line(RunMode mode, Client client, std::uint64_t run_id);
/// How the log line of an event ends that has made the robot idle: a client that has gone or was replaced.
inline constexpr std::string_view idle_line_end = "; the robot is idle";
/// How the line begins with which net_handler starts; the robot is idle then, whatever an earlier one has
/// logged.
inline constexpr std::string_view ready_line = "ready: listening on ";
/// How the warning begins that a driver station gets which may not start a mode.
inline constexpr std::string_view mode_refused_line = "the driver station cannot start ";

/// The run mode that such a line says, as the driver station receives it; nothing if it says none. No packet
/// tells a driver station the mode, so that the log is where it learns of it.
std::optional<RunMode> mode_in(std::string_view line) noexcept;
/// Whether the line says that a start of a mode was refused.
bool says_mode_refused(std::string_view line) noexcept;

}  // namespace runtime::net
