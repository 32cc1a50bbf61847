#include "net_handler/station/robot_client.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "proto/input.pb.h"
#include "proto/run_mode.pb.h"
#include "proto/text.pb.h"
#include "proto/time_stamps.pb.h"
#include "shm_wrapper/process/logging.hpp"

namespace runtime::station {
namespace {

using net::header_size;
using net::PacketType;

void append(std::string& out, PacketType type, const google::protobuf::MessageLite& message) {
    const std::string payload = message.SerializeAsString();
    std::array<std::uint8_t, header_size> header;
    net::write_header(header, type, payload.size());
    out.append(header.begin(), header.end()).append(payload);
}

void append_mode(std::string& out, RunMode mode) {
    ::RunMode message;
    message.set_mode(static_cast<::RunMode::Mode>(mode));
    append(out, PacketType::run_mode, message);
}

::UserInputs message_of(const DriverInputs& inputs) {
    ::UserInputs message;
    if (inputs.gamepad) {
        auto& gamepad = *message.add_inputs();
        gamepad.set_connected(true);
        gamepad.set_source(::Input::GAMEPAD);
        gamepad.set_buttons(inputs.gamepad->buttons);
        for (const float axis : inputs.gamepad->axes)
            gamepad.add_axes(axis);
    }
    auto& keyboard = *message.add_inputs();
    keyboard.set_connected(true);
    keyboard.set_source(::Input::KEYBOARD);
    keyboard.set_buttons(inputs.keys);
    return message;
}

}  // namespace

void RobotClient::connected(Nanoseconds time) {
    picture_ = {};
    received_.clear();
    received_at_ = time;
    mode_.reset();
    idle_before_ = false;
    identify_ = true;
    leaving_ = false;
    inputs_due_ = time;
    time_due_ = time;
    question_.reset();
}

bool RobotClient::receive(std::string_view bytes, Nanoseconds time) {
    received_at_ = time;
    received_.append(bytes);
    std::string_view rest = received_;
    while (rest.size() >= header_size) {
        const auto type = static_cast<std::uint8_t>(rest[0]);
        const std::size_t length = static_cast<std::uint8_t>(rest[1]) |
                                   static_cast<std::size_t>(static_cast<std::uint8_t>(rest[2])) << 8;
        // A robot's packets are of these types only: anything else is another protocol.
        if (type < static_cast<std::uint8_t>(PacketType::log) ||
            type > static_cast<std::uint8_t>(PacketType::time_stamps))
            return false;
        if (rest.size() < header_size + length)
            break;
        receive_packet(type, rest.substr(header_size, length), time);
        rest.remove_prefix(header_size + length);
    }
    received_.erase(0, received_.size() - rest.size());
    return true;
}

void RobotClient::receive_packet(std::uint8_t type, std::string_view payload, Nanoseconds time) {
    switch (static_cast<PacketType>(type)) {
        case PacketType::log:
            receive_log(payload);
            break;
        case PacketType::device_data:
            if (DevData data; data.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
                picture_.devices = std::move(data);
                ++picture_.device_packets;
            } else {
                faulty(type);
            }
            break;
        case PacketType::time_stamps:
            receive_time(payload, time);
            break;
        default:
            faulty(type);
    }
}

void RobotClient::receive_log(std::string_view payload) {
    Text text;
    if (!text.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
        return faulty(static_cast<std::uint8_t>(PacketType::log));
    for (const auto& line : text.payload())
        keep_line(line);
}

void RobotClient::keep_line(std::string_view line) {
    if (const auto news = net::mode_in(line); news && (!picture_.mode || news->supersedes(*picture_.mode))) {
        picture_.mode = news;
        picture_.mode_refused = false;
    }
    if (net::says_mode_refused(line))
        picture_.mode_refused = true;
    // The terminal obeys control characters, so none may come through, whoever the robot is.
    std::string shown = printable(line);
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    picture_.log.push_back(std::move(shown));
    ++picture_.log_lines;
    if (picture_.log.size() > kept_lines)
        picture_.log.pop_front();
}

void RobotClient::receive_time(std::string_view payload, Nanoseconds time) {
    TimeStamps stamps;
    if (!stamps.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
        return faulty(static_cast<std::uint8_t>(PacketType::time_stamps));
    if (!question_ || stamps.dawn_timestamp() != question_->wall_clock_ms)
        return;
    picture_.latency = time - question_->sent;
    question_.reset();
}

void RobotClient::faulty(std::uint8_t type) {
    keep_line("[station] WARNING: a packet of type " + std::to_string(type) + " that cannot be read");
}

void RobotClient::set_mode(RunMode mode) {
    if (leaving_)
        return;
    // A start does not take back a stop that has not gone out yet.
    idle_before_ = mode != RunMode::idle && (idle_before_ || mode_ == RunMode::idle);
    mode_ = mode;
}

void RobotClient::press(const DriverInputs& inputs) {
    if (inputs != inputs_)
        inputs_due_ = 0;
    inputs_ = inputs;
}

void RobotClient::leave() {
    mode_ = RunMode::idle;
    idle_before_ = false;
    leaving_ = true;
}

void RobotClient::compose(std::string& out, Nanoseconds time, std::uint64_t wall_clock_ms) {
    if (std::exchange(identify_, false))
        out += static_cast<char>(net::Client::driver_station);
    if (std::exchange(idle_before_, false))
        append_mode(out, RunMode::idle);
    if (const auto mode = std::exchange(mode_, std::nullopt))
        append_mode(out, *mode);
    if (leaving_)
        return;
    if (time >= inputs_due_) {
        append(out, PacketType::user_inputs, message_of(inputs_));
        inputs_due_ = time + inputs_period;
    }
    if (time >= time_due_) {
        ::TimeStamps message;
        message.set_dawn_timestamp(wall_clock_ms);
        append(out, PacketType::time_stamps, message);
        time_due_ = time + time_period;
        question_ = Question{wall_clock_ms, time};
    }
}

Nanoseconds RobotClient::due() const noexcept {
    if (identify_ || mode_)
        return 0;
    return leaving_ ? std::numeric_limits<Nanoseconds>::max() : std::min(inputs_due_, time_due_);
}

}  // namespace runtime::station
