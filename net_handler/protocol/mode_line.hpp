#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net_handler/protocol/mode_machine.hpp"
#include "net_handler/protocol/packet.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::net {

/// The log line that says the run mode and how it came about: `TELEOP, set by the driver station (run 7)`.
/// No packet tells a driver station the mode, so it learns of it from these lines: one on connecting, one at
/// each change.
std::string mode_line(const RobotState& robot, const std::optional<ModeMachine::Origin>& origin);
/// The warning that a driver station gets which may not start `mode`.
std::string mode_refused_line(RunMode mode);

/// What a mode line says.
struct ModeNews {
    RunMode mode;
    std::uint64_t run_id;

    /// Whether it is as new as `other`, or newer: a run has one IDLE, at its end. So lines may come in any
    /// order.
    bool supersedes(const ModeNews& other) const noexcept {
        return run_id != other.run_id ? run_id > other.run_id
                                      : mode == RunMode::idle || other.mode != RunMode::idle;
    }
};

/// What the line says, as a driver station receives it; nothing if it is no mode line of net_handler's.
std::optional<ModeNews> mode_in(std::string_view line) noexcept;
/// Whether the line, as a driver station receives it, says that a start of a mode was refused.
bool says_mode_refused(std::string_view line) noexcept;

}  // namespace runtime::net
