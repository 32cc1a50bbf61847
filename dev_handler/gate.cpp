#include "dev_handler/gate.hpp"

#include <algorithm>

#include "shm_wrapper/block.hpp"

namespace runtime::dev_handler {

GateState gate_state(const GateConditions& conditions) noexcept {
    if (!conditions.net_handler_alive)
        return GateState::net_handler_dead;
    if (conditions.mode != RunMode::autonomous && conditions.mode != RunMode::teleop)
        return GateState::idle;
    if (conditions.mode == RunMode::teleop && !conditions.input_connected)
        return GateState::no_input;
    if (!conditions.executor_alive)
        return GateState::executor_dead;
    if (!conditions.student_running)
        return GateState::student_not_running;
    if (conditions.robot_run_id != conditions.student_run_id)
        return GateState::other_run;
    return GateState::open;
}

Nanoseconds next_look(GateState state, Nanoseconds time, Nanoseconds net_handler_heartbeat,
                      Nanoseconds executor_heartbeat) noexcept {
    // With each of our own heartbeats, so that a wake that was lost costs no mode.
    if (state != GateState::open)
        return time + heartbeat_period;
    return std::min(time + gate_period,
                    std::min(net_handler_heartbeat, executor_heartbeat) + heartbeat_limit);
}

std::string_view describe(GateState state) noexcept {
    switch (state) {
        case GateState::open:
            return "nothing forbids motion";
        case GateState::net_handler_dead:
            return "net_handler does not answer";
        case GateState::idle:
            return "the robot is in IDLE";
        case GateState::no_input:
            return "no gamepad or keyboard is connected in TELEOP";
        case GateState::executor_dead:
            return "executor does not answer";
        case GateState::student_not_running:
            return "the student code is not running";
        case GateState::other_run:
            return "the student code still belongs to an earlier run";
    }
    return "of an unknown reason";
}

}  // namespace runtime::dev_handler
