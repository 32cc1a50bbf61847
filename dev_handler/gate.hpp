#pragma once
#include <cstdint>
#include <string_view>

#include "shm_wrapper/clock.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::dev_handler {

/// Everything that decides whether the robot may move.
struct GateConditions {
    RunMode mode = RunMode::idle;
    bool input_connected = false;      ///< the gamepad or the keyboard
    bool net_handler_alive = false;    ///< its heartbeat is fresh
    bool executor_alive = false;       ///< its heartbeat is fresh
    bool student_running = false;      ///< the student process runs student code
    std::uint64_t robot_run_id = 0;    ///< the run that net_handler has started
    std::uint64_t student_run_id = 0;  ///< the run that the student process belongs to
};

/// Whether the gate is open, or else the first reason why it is closed.
enum class GateState : std::uint8_t {
    open,
    net_handler_dead,
    idle,
    no_input,
    executor_dead,
    student_not_running,
    other_run,
};

GateState gate_state(const GateConditions& conditions) noexcept;

/// How often the gate is looked at while it is open, for what no event tells: game states, lost wakes.
inline constexpr Nanoseconds gate_period = 10 * millisecond;

/// When the gate must be looked at again if nothing tells of a change before. An open gate closes as soon
/// as one of the heartbeats is too old.
Nanoseconds next_look(GateState state, Nanoseconds time, Nanoseconds net_handler_heartbeat,
                      Nanoseconds executor_heartbeat) noexcept;

/// The reason in words that end the sentence "motors are stopped because …".
std::string_view describe(GateState state) noexcept;

/// Whether a command made for `run_id` and `generation` may pass an open gate.
constexpr bool command_is_current(std::uint64_t run_id, std::uint64_t current_run_id,
                                  std::uint32_t generation, std::uint32_t current_generation) noexcept {
    return run_id == current_run_id && generation == current_generation;
}

}  // namespace runtime::dev_handler
