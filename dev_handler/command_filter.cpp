#include "dev_handler/command_filter.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace runtime::dev_handler {

namespace {

std::int32_t to_integer(double number) noexcept {
    using Limits = std::numeric_limits<std::int32_t>;
    return static_cast<std::int32_t>(std::clamp<double>(number, Limits::min(), Limits::max()));
}

}  // namespace

GameStates game_states_at(const RobotState& robot, Nanoseconds time) noexcept {
    return {time < robot.poison_ivy_until, time < robot.dehydration_until, robot.hypothermia};
}

std::optional<Value> bounded(const ParameterType& parameter, Value value) noexcept {
    switch (parameter.kind) {
        case ParameterKind::boolean:
            return Value::of(value.boolean());
        case ParameterKind::integer: {
            if (!parameter.bounded)
                return value;
            const double number = std::clamp<double>(value.integer(), parameter.minimum, parameter.maximum);
            return Value::of(to_integer(number));
        }
        case ParameterKind::floating:
            if (!std::isfinite(value.floating())) {
                if (parameter.stop)
                    return Value::of(0.0F);
                return std::nullopt;
            }
            if (!parameter.bounded)
                return value;
            return Value::of(static_cast<float>(std::clamp<double>(static_cast<double>(value.floating()),
                                                                   parameter.minimum, parameter.maximum)));
    }
    return std::nullopt;
}

Value with_game_states(const ParameterType& parameter, Value value, GameStates states) noexcept {
    if (!parameter.game_states)
        return value;
    if (states.stopped)
        return Value{0};
    const double factor = (states.reversed ? -1.0 : 1.0) * (states.slowed ? hypothermia_factor : 1.0);
    switch (parameter.kind) {
        case ParameterKind::floating:
            return Value::of(static_cast<float>(static_cast<double>(value.floating()) * factor));
        case ParameterKind::integer:
            return Value::of(to_integer(value.integer() * factor));
        case ParameterKind::boolean:
            break;
    }
    return value;
}

bool is_zero(ParameterKind kind, Value value) noexcept {
    return kind == ParameterKind::floating ? value.floating() == 0.0F : value.bits == 0;
}

}  // namespace runtime::dev_handler
