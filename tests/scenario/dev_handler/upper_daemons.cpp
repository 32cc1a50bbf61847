#include "tests/scenario/dev_handler/upper_daemons.hpp"

#include <optional>
#include <stdexcept>

#include "tests/support/robot.hpp"

namespace runtime::test {
namespace {

constexpr Nanoseconds long_enough = 3600 * second;

}  // namespace

UpperDaemons::UpperDaemons(const std::string& instance)
    : types_(instance), devices_(instance), robot_(instance), student_(instance), commands_(instance) {
    robot_state_.run_id = 1;
    robot_->state.publish_and_wake(robot_state_);
    net_handler_beats(true);
    executor_beats(true);
}

void UpperDaemons::net_handler_beats(bool goes_on) {
    robot_.beat(goes_on ? now() + long_enough : now());
}

void UpperDaemons::executor_beats(bool goes_on) {
    student_.beat(goes_on ? now() + long_enough : now());
}

void UpperDaemons::start_run(RunMode mode) {
    robot([&](RobotState& state) {
        ++state.run_id;
        state.mode = mode;
        state.gamepad_connected = true;
    });
    student([&](StudentState& state) {
        state.run_id = robot_state_.run_id;
        state.phase = StudentPhase::running;
    });
}

void UpperDaemons::stop_run() {
    robot([](RobotState& state) { state.mode = RunMode::idle; });
}

void UpperDaemons::command(std::size_t slot, std::size_t parameter, Value value) {
    command(slot, parameter, value, robot_state_.run_id, devices_->slots[slot].identity.read().generation);
}

void UpperDaemons::command(std::size_t slot, std::size_t parameter, Value value, std::uint64_t run_id,
                           std::uint32_t generation) {
    SlotCommands commands = commands_->slots[slot].read();
    commands.run_id = run_id;
    commands.generation = generation;
    ++commands.counters[parameter];
    commands.values[parameter] = value;
    publish_commands(slot, commands);
}

void UpperDaemons::command(std::size_t slot, const wire::ValueMap& values) {
    SlotCommands commands = commands_->slots[slot].read();
    commands.run_id = robot_state_.run_id;
    commands.generation = devices_->slots[slot].identity.read().generation;
    for (const auto& [parameter, bits] : values) {
        ++commands.counters[parameter];
        commands.values[parameter] = {bits};
    }
    publish_commands(slot, commands);
}

void UpperDaemons::publish_commands(std::size_t slot, const SlotCommands& commands) {
    commands_->slots[slot].publish(commands);
    if (wakes_)
        commands_->changed.notify(devices_->header.waiting);
}

bool UpperDaemons::wait_for_devices(const std::function<bool()>& holds) {
    const WaitingMark mark(commands_->header.waiting);
    return wait_until(holds, devices_->changed.word());
}

std::optional<std::size_t> UpperDaemons::find(std::uint8_t type, std::uint64_t uid) const {
    for (std::size_t slot = 0; slot < max_devices; ++slot) {
        const DeviceIdentity identity = devices_->slots[slot].identity.read();
        if (identity.connected && identity.type == type && identity.uid == uid)
            return slot;
    }
    return std::nullopt;
}

bool UpperDaemons::connected(std::uint8_t type, std::uint64_t uid) const {
    return find(type, uid).has_value();
}

std::size_t UpperDaemons::slot_of(std::uint8_t type, std::uint64_t uid) {
    if (!wait_for_devices([&] { return connected(type, uid); }))
        throw std::runtime_error("the device was not connected in time");
    return *find(type, uid);
}

}  // namespace runtime::test
