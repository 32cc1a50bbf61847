#include "tests/scenario/executor/student_robot.hpp"

#include <sys/syscall.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace runtime::test {

std::string student_code(const std::string& name) {
    std::ifstream file(std::string(FIXTURES_DIRECTORY) + "/student_code/" + name);
    if (!file)
        throw std::runtime_error("no student code " + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<ListedProcess> student_processes(const std::string& instance) {
    auto all = processes_of(instance);
    std::erase_if(all, [](const ListedProcess& process) { return process.program() != "student_process"; });
    return all;
}

StudentRobot::StudentRobot(std::string_view code, std::vector<std::string> arguments)
    : types_(robot_.instance()),
      robot_block_(robot_.instance()),
      inputs_(robot_.instance()),
      devices_(robot_.instance()),
      student_(robot_.instance()),
      commands_(robot_.instance()),
      custom_data_(robot_.instance()),
      arguments_(std::move(arguments)) {
    write_code(code);
    reader_.emplace(robot_.instance(), "executor", LogReader::From::newest);
    select(RunMode::idle);
    restart_executor();
}

void StudentRobot::restart_executor() {
    executor_.reset();
    std::vector<std::string> arguments{"--student-code", code_path()};
    arguments.insert(arguments.end(), arguments_.begin(), arguments_.end());
    executor_.emplace(robot_.start("executor", arguments));
    if (!executor_->wait_for_output("ready"))
        throw std::runtime_error("executor does not start: " + executor_->output());
}

void StudentRobot::write_code(std::string_view code) const {
    const std::string beside = code_path() + ".new";
    std::ofstream(beside) << code;
    if (rename(beside.c_str(), code_path().c_str()) != 0)
        throw std::runtime_error("rename");
}

std::uint64_t StudentRobot::select(RunMode mode, std::optional<std::uint64_t> run_id) {
    RobotState state{};
    if (run_id)
        run_id_ = *run_id;
    else if (mode != RunMode::idle)
        ++run_id_;
    state.run_id = run_id_;
    state.mode = mode;
    state.start_position = StartPosition::right;
    state.mode_since = now();
    if (wakes_)
        robot_block_->state.publish_and_wake(state);
    else
        robot_block_->state.publish(state);
    return run_id_;
}

void StudentRobot::set_inputs(const std::function<void(Inputs&)>& change) {
    Inputs inputs = inputs_->inputs.read();
    inputs.time = now();
    change(inputs);
    inputs_->inputs.publish_and_wake(inputs);
}

void StudentRobot::press_w() {
    set_inputs([](Inputs& inputs) {
        inputs.keyboard_connected = true;
        inputs.keyboard_keys = 1ULL << 22;
    });
}

void StudentRobot::connect(std::size_t slot, std::uint8_t type, std::uint64_t uid, bool reported) {
    DeviceIdentity identity = devices_->slots[slot].identity.read();
    identity.generation += 1;
    identity.type = type;
    identity.uid = uid;
    identity.connected = true;
    identity.expected_until = 0;
    identity.since = now();
    DeviceData data{};
    data.time = now();
    data.generation = identity.generation;
    data.received = reported ? ~0U : 0U;
    devices_->slots[slot].data.publish(data);
    devices_->slots[slot].identity.publish(identity);
    devices_->changed.notify();
}

void StudentRobot::disconnect(std::size_t slot, Nanoseconds expected_until) {
    DeviceIdentity identity = devices_->slots[slot].identity.read();
    identity.connected = false;
    identity.expected_until = expected_until;
    devices_->slots[slot].identity.publish(identity);
    devices_->changed.notify();
}

const DeviceType& StudentRobot::type_in(std::size_t slot) const {
    return *types_->types.find(devices_->slots[slot].identity.read().type);
}

void StudentRobot::set_value(std::size_t slot, std::string_view parameter, Value value) {
    DeviceData data = devices_->slots[slot].data.read();
    const auto index = static_cast<std::size_t>(type_in(slot).find(parameter));
    data.time = now();
    data.received |= 1U << index;
    data.values.at(index) = value;
    devices_->slots[slot].data.publish(data);
    devices_->changed.notify(commands_->header.waiting);
}

Value StudentRobot::commanded(std::size_t slot, std::string_view parameter) const {
    return commands(slot).values.at(static_cast<std::size_t>(type_in(slot).find(parameter)));
}

std::uint32_t StudentRobot::command_count(std::size_t slot, std::string_view parameter) const {
    return commands(slot).counters.at(static_cast<std::size_t>(type_in(slot).find(parameter)));
}

bool StudentRobot::wait_for(StudentPhase phase, std::uint64_t run_id) {
    return wait_until([&] { return student().phase == phase && student().run_id == run_id; },
                      student_->state.sequence_word());
}

bool StudentRobot::wait_for_end(std::uint64_t run_id) {
    return wait_until(
        [&] {
            const StudentState state = student();
            return state.run_id == run_id &&
                   (state.phase == StudentPhase::ended || state.phase == StudentPhase::failed);
        },
        student_->state.sequence_word());
}

bool StudentRobot::wait_for_command(std::size_t slot, std::string_view parameter, Value value) {
    const WaitingMark mark(devices_->header.waiting);
    return wait_until([&] { return commanded(slot, parameter) == value; }, commands_->changed.word());
}

bool StudentRobot::wait_for_log(std::string_view text, std::chrono::milliseconds limit) {
    return wait_until([&] { return find_log(text); }, reader_->word(), limit);
}

bool StudentRobot::find_log(std::optional<std::string_view> text) {
    while (auto next = reader_->next()) {
        line_ = *next;
        log_ += line_.text + "\n";
        if (text && line_.text.find(*text) != std::string::npos)
            return true;
    }
    return false;
}

pid_t StudentRobot::spare_pid() const {
    const std::string pid = std::to_string(executor_->pid());
    std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
    for (pid_t child = 0; children >> child;) {
        long system_call = -1;
        std::ifstream("/proc/" + std::to_string(child) + "/syscall") >> system_call;
        const bool waits = system_call == SYS_recvmsg || system_call == SYS_recvfrom;
        if (child != student().pid && waits)
            return child;
    }
    return 0;
}

std::string StudentRobot::value_of(std::string_view key) const {
    const CustomDataExtent extent = custom_data_->extent.read();
    for (std::size_t i = 0; i < extent.count; ++i) {
        const CustomValue entry = custom_data_->values[i].read();
        if (key != entry.key.data())
            continue;
        switch (entry.kind) {
            case ParameterKind::integer:
                return std::to_string(entry.value.integer());
            case ParameterKind::floating:
                return std::to_string(entry.value.floating());
            case ParameterKind::boolean:
                return entry.value.boolean() ? "True" : "False";
        }
    }
    return {};
}

}  // namespace runtime::test
