#include "net_handler/protocol/mode_machine.hpp"

namespace runtime::net {

ModeMachine::ModeMachine(const RobotState& previous, Nanoseconds time) noexcept {
    state_.run_id = previous.run_id + 1;
    state_.mode_since = time;
    state_.mode = RunMode::idle;
    state_.start_position =
        previous.start_position == StartPosition::right ? StartPosition::right : StartPosition::left;
}

void ModeMachine::arrived(Client client) noexcept {
    connected_[index_of(client)] = true;
}

void ModeMachine::left(Client client, Nanoseconds time) noexcept {
    connected_[index_of(client)] = false;
    if (state_.mode != RunMode::idle)
        enter(RunMode::idle, {client, true}, time);
}

void ModeMachine::enter(RunMode mode, Origin origin, Nanoseconds time) noexcept {
    origin_ = origin;
    state_.mode = mode;
    state_.mode_since = time;
    if (mode != RunMode::idle) {
        ++state_.run_id;
        return;
    }
    state_.poison_ivy_until = 0;
    state_.dehydration_until = 0;
    state_.hypothermia = false;
}

ModeMachine::Result ModeMachine::set_mode(Client by, RunMode mode, Nanoseconds time) noexcept {
    // Idle is the driver station's stop button: nothing may keep it from that.
    if (by == Client::driver_station && mode != RunMode::idle && connected(Client::field_control))
        return Result::refused;
    if (mode == state_.mode)
        return Result::unchanged;
    enter(mode, {by, false}, time);
    return Result::changed;
}

ModeMachine::Result ModeMachine::set_start_position(StartPosition position) noexcept {
    if (position == state_.start_position)
        return Result::unchanged;
    state_.start_position = position;
    return Result::changed;
}

ModeMachine::Result ModeMachine::apply(GameStateCommand::State state, Nanoseconds time) noexcept {
    if (state_.mode == RunMode::idle)
        return Result::unchanged;
    switch (state) {
        case GameStateCommand::State::poison_ivy:
            state_.poison_ivy_until = time + game_state_duration;
            break;
        case GameStateCommand::State::dehydration:
            state_.dehydration_until = time + game_state_duration;
            break;
        case GameStateCommand::State::hypothermia_start:
            state_.hypothermia = true;
            break;
        case GameStateCommand::State::hypothermia_end:
            state_.hypothermia = false;
            break;
    }
    return Result::changed;
}

RobotState ModeMachine::state() const noexcept {
    RobotState state = state_;
    state.driver_station_connected = connected(Client::driver_station);
    state.field_control_connected = connected(Client::field_control);
    return state;
}

}  // namespace runtime::net
