#include "tests/scenario/survival/block_observer.hpp"

#include <algorithm>
#include <string_view>

#include "shm_wrapper/clock.hpp"
#include "shm_wrapper/futex.hpp"
#include "tests/scenario/survival/running_numbers.hpp"

namespace runtime::test {
namespace {

constexpr std::uint8_t koala_bear = 6;
constexpr std::uint8_t general_test_device = 63;
constexpr Nanoseconds observation_period = millisecond / 4;

/// Of what one device reports in one frame.
bool belongs_together(const DeviceType& type, const DeviceData& data) {
    const auto value = [&](std::string_view name) {
        return data.values[static_cast<std::size_t>(type.find(name))];
    };
    if (type.number == koala_bear) {
        const float velocity = value("velocity_a").floating();
        return velocity == 0 || velocity == counting_velocity;
    }
    return value("INCREASING_ODD").integer() == -value("DECREASING_ODD").integer() &&
           value("INCREASING_EVEN").integer() == -value("DECREASING_EVEN").integer() &&
           value("INCREASING_ODD").integer() == value("INCREASING_EVEN").integer() + 1 &&
           value("ALWAYS_LEET").integer() == 1337;
}

/// Of what the counting code commands, before its first command and after it.
bool belongs_together(std::size_t velocity, const SlotCommands& commands) {
    for (std::size_t i = 0; i < max_parameters; ++i) {
        const bool commanded = commands.run_id != 0 && i == velocity;
        if (commands.values[i] != (commanded ? Value::of(counting_velocity) : Value{0}) ||
            (commands.counters[i] == 0 ? commanded : i != velocity))
            return false;
    }
    return (commands.run_id == 0 || commands.generation != 0) && commands.reserved == 0;
}

}  // namespace

BlockObserver::BlockObserver(const std::string& instance)
    : types_(instance),
      devices_(instance),
      robot_(instance),
      inputs_(instance),
      commands_(instance),
      student_(instance),
      custom_data_(instance),
      thread_(&BlockObserver::observe, this) {}

BlockObserver::~BlockObserver() {
    ended_ = 1;
    futex::wake(ended_);
    thread_.join();
}

std::string BlockObserver::fault() const {
    const std::lock_guard lock(mutex_);
    return fault_;
}

void BlockObserver::observe() {
    while (ended_.load() == 0) {
        look();
        ++looks_;
        futex::wait(ended_, 0, now() + observation_period);
    }
}

void BlockObserver::check(bool holds, const std::string& what) {
    if (holds)
        return;
    const std::lock_guard lock(mutex_);
    if (fault_.empty())
        fault_ = what;
}

void BlockObserver::look() {
    look_at_robot(look_at_commands());
    look_at_devices();
    look_at_student_blocks();
}

std::uint64_t BlockObserver::look_at_commands() {
    const auto velocity = static_cast<std::size_t>(types_->types.find(koala_bear)->find("velocity_a"));
    std::uint64_t newest = 0;
    for (std::size_t i = 0; i < max_devices; ++i) {
        SlotCommands commands{};
        check(commands_->slots[i].read(commands), "the commands block cannot be read");
        check(belongs_together(velocity, commands), "commands that nobody has given");
        check(commands.counters[velocity] >= command_counters_[i], "a count of commands went back");
        command_counters_[i] = std::max(command_counters_[i], commands.counters[velocity]);
        newest = std::max(newest, commands.run_id);
    }
    return newest;
}

void BlockObserver::look_at_robot(std::uint64_t commanding_run) {
    StudentState student{};
    RobotState robot{};
    Inputs inputs{};
    // The student's state first, as the commands were: their run was published in the robot block before.
    check(student_->state.read(student), "the student block cannot be read");
    check(robot_->state.read(robot), "the robot block cannot be read");
    check(inputs_->inputs.read(inputs), "the inputs block cannot be read");
    check(robot.mode <= RunMode::teleop && robot.run_id >= run_id_ && robot.mode_since <= now(),
          "a robot state that nobody has published");
    check(commanding_run <= robot.run_id, "commands of a run that nobody has started");
    run_id_ = std::max(run_id_, robot.run_id);
    check(student.phase <= StudentPhase::stuck && student.run_id <= robot.run_id && student.since <= now(),
          "a student state that nobody has published");
    const float axis = inputs.gamepad_connected ? axis_of(inputs.gamepad_buttons) : 0;
    check(std::all_of(inputs.gamepad_axes.begin(), inputs.gamepad_axes.end(),
                      [&](float each) { return each == axis; }) &&
              (inputs.gamepad_connected || inputs.gamepad_buttons == 0),
          "inputs that nobody has published");
}

void BlockObserver::look_at_devices() {
    for (std::size_t i = 0; i < max_devices; ++i) {
        DeviceIdentity identity{};
        DeviceData data{};
        check(devices_->slots[i].identity.read(identity) && devices_->slots[i].data.read(data),
              "the devices block cannot be read");
        check(identity.generation >= generations_[i], "a device's generation went back");
        generations_[i] = std::max(generations_[i], identity.generation);
        const DeviceType* type = types_->types.find(identity.type);
        if (identity.since == 0 || type == nullptr)
            continue;
        const bool known = (identity.type == koala_bear && identity.uid == 77) ||
                           (identity.type == general_test_device && identity.uid == 5);
        const std::string_view port(identity.port.data());
        check(known && identity.port.back() == '\0' && port.find("/ttyVIRTUAL") != std::string_view::npos,
              "an identity that no device has");
        const std::uint32_t all = type->bitmap(&ParameterType::read);
        if (data.generation == identity.generation && (data.received & all) == all)
            check(belongs_together(*type, data),
                  std::string(type->name()) + " has never reported these values");
    }
}

void BlockObserver::look_at_student_blocks() {
    CustomDataExtent extent{};
    check(custom_data_->extent.read(extent) && extent.count <= static_cast<std::uint64_t>(counting_keys),
          "logged values that nobody has logged");
    for (std::size_t i = 0; i < std::min<std::uint64_t>(extent.count, max_custom_values); ++i) {
        CustomValue value{};
        check(custom_data_->values[i].read(value), "the custom-data block cannot be read");
        const std::string key = "key" + std::to_string(value.value.integer() % counting_keys);
        check(value.key.back() == '\0' && key == value.key.data() && value.kind == ParameterKind::integer,
              "a logged value with the key of another: " + std::string(value.key.data(), 8) + " = " +
                  std::to_string(value.value.integer()));
    }
}

}  // namespace runtime::test
