#include "net_handler/protocol/control.hpp"

namespace runtime::net {

Control::Control(const RobotState& previous, Nanoseconds time) noexcept : modes_(previous, time) {
    inputs_.reset(time);
}

void Control::arrived(Client client, Nanoseconds time) noexcept {
    modes_.arrived(client);
    if (client == Client::driver_station)
        inputs_.reset(time);
}

void Control::left(Client client, Nanoseconds time) noexcept {
    modes_.left(client, time);
    if (client == Client::driver_station)
        inputs_.reset(time);
}

void Control::heard(Client client, Nanoseconds time) noexcept {
    if (client == Client::driver_station)
        inputs_.heard(time);
}

Control::Notice Control::handle_mode(Client client, RunMode mode, Nanoseconds time) noexcept {
    switch (modes_.set_mode(client, mode, time)) {
        case ModeMachine::Result::changed:
            return Notice::mode_changed;
        case ModeMachine::Result::refused:
            return Notice::mode_refused;
        case ModeMachine::Result::unchanged:
            break;
    }
    return Notice::none;
}

Control::Notice Control::handle(Client client, const Command& command, Nanoseconds time) noexcept {
    heard(client, time);
    if (const auto* inputs = std::get_if<InputsCommand>(&command)) {
        inputs_.receive(*inputs, time);
    } else if (const auto* mode = std::get_if<ModeCommand>(&command)) {
        return handle_mode(client, mode->mode, time);
    } else if (const auto* position = std::get_if<StartPositionCommand>(&command)) {
        if (modes_.set_start_position(position->position) == ModeMachine::Result::changed)
            return Notice::position_changed;
    } else if (const auto* game_state = std::get_if<GameStateCommand>(&command)) {
        return modes_.apply(game_state->state, time) == ModeMachine::Result::changed
                   ? Notice::game_state_applied
                   : Notice::game_state_ignored;
    } else if (std::holds_alternative<TimeRequest>(command)) {
        inputs_.lists_all_sources();
        inputs_.advance(time);
    }
    return Notice::none;
}

RobotState Control::robot() const noexcept {
    RobotState state = modes_.state();
    state.gamepad_connected = inputs().gamepad_connected;
    state.keyboard_connected = inputs().keyboard_connected;
    return state;
}

Status Control::status(float battery) const noexcept {
    return {modes_.connected(Client::field_control), modes_.connected(Client::driver_station), modes_.mode(),
            battery};
}

}  // namespace runtime::net
