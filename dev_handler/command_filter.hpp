#pragma once
/// What is done to a commanded value on its way to a device. Pure functions.
#include <optional>

#include "shm_wrapper/layout.hpp"

namespace runtime::dev_handler {

/// HYPOTHERMIA slows the motors to this part of what was commanded.
inline constexpr double hypothermia_factor = 0.2;

/// What the game states of a match do at one moment.
struct GameStates {
    bool reversed = false;  ///< POISON_IVY
    bool stopped = false;   ///< DEHYDRATION
    bool slowed = false;    ///< HYPOTHERMIA
    friend bool operator==(const GameStates&, const GameStates&) noexcept = default;
};

GameStates game_states_at(const RobotState& robot, Nanoseconds time) noexcept;

/// The value within the bounds of the parameter; a boolean becomes 0 or 1. A float that is not finite becomes
/// zero where the parameter moves the robot (in doubt the motors stop), and is refused elsewhere: nothing.
std::optional<Value> bounded(const ParameterType& parameter, Value value) noexcept;

/// What the game states make of a bounded value. Parameters that they do not act on are left as they are.
Value with_game_states(const ParameterType& parameter, Value value, GameStates states) noexcept;

/// Whether a value is zero: also -0.0. The only question that a stop asks.
bool is_zero(ParameterKind kind, Value value) noexcept;

}  // namespace runtime::dev_handler
