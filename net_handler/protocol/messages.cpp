#include "net_handler/protocol/messages.hpp"

#include <algorithm>
#include <cmath>

#include "proto/runtime_status.pb.h"
#include "shm_wrapper/process/version.hpp"

namespace runtime::net {
namespace {

constexpr std::string_view does_not_parse = "a message that does not parse";
constexpr std::string_view no_such_value = "an enum value that does not exist";

template <class Message>
bool parse(Message& message, std::span<const std::uint8_t> payload) {
    return message.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
}

/// A float that the robot can be driven with: 0 for what is no number, and [-1, 1].
float safe_axis(float axis, std::string_view& fault) {
    if (std::isfinite(axis) && std::abs(axis) <= 1.0F)
        return axis;
    fault = "an axis that is not in [-1, 1]";
    return std::isfinite(axis) ? std::clamp(axis, -1.0F, 1.0F) : 0.0F;
}

InputsCommand::Gamepad gamepad_from(const ::Input& input, std::string_view& fault) {
    InputsCommand::Gamepad gamepad{input.connected(), input.buttons() & gamepad_buttons_mask, {}};
    const int count = input.axes_size();
    if (input.connected() && count != static_cast<int>(gamepad.axes.size()))
        fault = "a gamepad that has not four axes";
    if ((input.buttons() & ~gamepad_buttons_mask) != 0)
        fault = "a gamepad button that does not exist";
    for (int i = 0; i < std::min(count, static_cast<int>(gamepad.axes.size())); ++i)
        gamepad.axes[static_cast<std::size_t>(i)] = safe_axis(input.axes(i), fault);
    return gamepad;
}

template <class Message>
void append_packet(std::vector<std::uint8_t>& out, PacketType type, const Message& message) {
    const std::size_t size = message.ByteSizeLong();
    const std::size_t start = out.size();
    out.resize(start + header_size + size);
    write_header(std::span<std::uint8_t, header_size>(out.data() + start, header_size), type, size);
    message.SerializeWithCachedSizesToArray(out.data() + start + header_size);
}

}  // namespace

Decoded MessageDecoder::decode_inputs(std::span<const std::uint8_t> payload) {
    if (!parse(user_inputs_, payload))
        return {std::nullopt, does_not_parse};
    std::string_view fault;
    InputsCommand command{std::nullopt, std::nullopt, user_inputs_.inputs().empty()};
    for (const auto& input : user_inputs_.inputs()) {
        switch (input.source()) {
            case ::Input::GAMEPAD:
                if (!command.gamepad)
                    command.gamepad = gamepad_from(input, fault);
                break;
            case ::Input::KEYBOARD:
                if ((input.buttons() & ~keyboard_keys_mask) != 0)
                    fault = "a key that does not exist";
                if (!command.keyboard)
                    command.keyboard = {input.connected(), input.buttons() & keyboard_keys_mask};
                break;
            default:
                fault = no_such_value;
        }
    }
    return {Command(command), fault};
}

Decoded MessageDecoder::decode(Client client, std::uint8_t type, std::span<const std::uint8_t> payload) {
    const bool from_field_control = client == Client::field_control;
    switch (static_cast<PacketType>(type)) {
        case PacketType::run_mode:
            if (!parse(run_mode_, payload))
                return {std::nullopt, does_not_parse};
            if (!::RunMode::Mode_IsValid(run_mode_.mode()))
                return {std::nullopt, no_such_value};
            return {ModeCommand{static_cast<RunMode>(run_mode_.mode())}, {}};
        case PacketType::start_position:
            if (!parse(start_position_, payload))
                return {std::nullopt, does_not_parse};
            if (!::StartPos::Pos_IsValid(start_position_.pos()))
                return {std::nullopt, no_such_value};
            return {StartPositionCommand{static_cast<StartPosition>(start_position_.pos())}, {}};
        case PacketType::game_state:
            if (!from_field_control)
                return {std::nullopt, "a game state, which only field control may send"};
            if (!parse(game_state_, payload))
                return {std::nullopt, does_not_parse};
            if (!::GameState::State_IsValid(game_state_.state()))
                return {std::nullopt, no_such_value};
            return {GameStateCommand{static_cast<GameStateCommand::State>(game_state_.state())}, {}};
        case PacketType::user_inputs:
            if (from_field_control)
                return {std::nullopt, "inputs, which only a driver station may send"};
            return decode_inputs(payload);
        case PacketType::time_stamps:
            if (from_field_control)
                return {std::nullopt, "time stamps, which only a driver station may send"};
            if (!parse(time_stamps_, payload))
                return {std::nullopt, does_not_parse};
            return {TimeRequest{time_stamps_.dawn_timestamp()}, {}};
        case PacketType::log:
        case PacketType::device_data:
            break;
    }
    return {std::nullopt, "a packet of a type that no client sends"};
}

void append_status(std::vector<std::uint8_t>& out, const Status& status) {
    ::RuntimeStatus message;
    message.set_shep_connected(status.field_control_connected);
    message.set_dawn_connected(status.driver_station_connected);
    message.set_mode(static_cast<::RunMode::Mode>(status.mode));
    message.set_battery(status.battery);
    message.set_version(version);
    append_packet(out, PacketType::runtime_status, message);
}

void append_time_stamps(std::vector<std::uint8_t>& out, const TimeRequest& request,
                        std::uint64_t runtime_time) {
    ::TimeStamps message;
    message.set_dawn_timestamp(request.driver_station_time);
    message.set_runtime_timestamp(runtime_time);
    append_packet(out, PacketType::time_stamps, message);
}

}  // namespace runtime::net
