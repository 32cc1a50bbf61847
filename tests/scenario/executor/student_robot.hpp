#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shm_wrapper/log_ring.hpp"
#include "tests/support/process_table.hpp"
#include "tests/support/robot.hpp"

namespace runtime::test {

/// Options of executor for a program that ends in time on any machine but a slow one: it is not killed there
/// either.
inline const std::vector<std::string> unhurried{"--grace-period", "20000"};

/// A robot with the real executor, where the test plays net_handler and dev_handler.
class StudentRobot {
  public:
    /// Starts executor with this student program (its text).
    explicit StudentRobot(std::string_view code, std::vector<std::string> arguments = {});
    /// Starts executor with a file of tests/fixtures/student_code/.
    static StudentRobot with_file(const std::string& name);

    /// Ends executor (end_well).
    ~StudentRobot() { end_well({&*executor_}); }
    StudentRobot(const StudentRobot&) = delete;
    StudentRobot& operator=(const StudentRobot&) = delete;

    /// Selects a mode. A new run, unless `run_id` says which. Returns the run's id.
    std::uint64_t select(RunMode mode, std::optional<std::uint64_t> run_id = std::nullopt);
    /// From now on executor is not woken when a mode is selected.
    void lose_wakes() { wakes_ = false; }
    void write_code(std::string_view code) const;
    std::string code_path() const { return robot_.directory() + "/student_code.py"; }
    void set_inputs(const std::function<void(Inputs&)>& change);
    /// On a keyboard that is connected.
    void press_w();
    /// Puts a device into the slot (a new generation), with all its parameters reported as zero.
    void connect(std::size_t slot, std::uint8_t type, std::uint64_t uid, bool reported = true);
    /// `expected_until`: as if dev_handler had been restarted.
    void disconnect(std::size_t slot, Nanoseconds expected_until = 0);
    void set_value(std::size_t slot, std::string_view parameter, Value value);

    StudentState student() const { return student_->state.read(); }
    SlotCommands commands(std::size_t slot) const { return commands_->slots[slot].read(); }
    /// The value that stands commanded for the parameter of the device in the slot, and its counter.
    Value commanded(std::size_t slot, std::string_view parameter) const;
    std::uint32_t command_count(std::size_t slot, std::string_view parameter) const;
    /// Waits for the phase of the run.
    bool wait_for(StudentPhase phase, std::uint64_t run_id);
    /// Waits for the run to end or to fail.
    bool wait_for_end(std::uint64_t run_id);
    bool wait_for_command(std::size_t slot, std::string_view parameter, Value value);
    /// Waits for a log line that contains `text`; goes on behind the last one found.
    bool wait_for_log(std::string_view text, std::chrono::milliseconds limit = patience);
    /// Reads the lines that are there, behind the last one found, and does not wait for more.
    void read_log() { find_log(std::nullopt); }
    /// The line that wait_for_log found.
    const LogLine& line() const { return line_; }
    /// All lines that wait_for_log and read_log have read.
    const std::string& log() const { return log_; }
    std::string value_of(std::string_view key) const;

    /// The student process that waits for the next run: a child of executor that sleeps in its socket. 0:
    /// none.
    pid_t spare_pid() const;
    bool spare_is_ready() const { return spare_pid() != 0; }

    Process& executor() { return *executor_; }
    void restart_executor();
    const BlockReader<CommandsBlock>& commands_block() const { return commands_; }
    const BlockReader<CustomDataBlock>& custom_data() const { return custom_data_; }
    Robot& robot() { return robot_; }

  private:
    const DeviceType& type_in(std::size_t slot) const;
    bool find_log(std::optional<std::string_view> text);

    Robot robot_;
    BlockReader<TypesBlock> types_;
    BlockWriter<RobotBlock> robot_block_;
    BlockWriter<InputsBlock> inputs_;
    BlockWriter<DevicesBlock> devices_;
    BlockReader<StudentBlock> student_;
    BlockReader<CommandsBlock> commands_;
    BlockReader<CustomDataBlock> custom_data_;
    std::optional<LogReader> reader_;
    std::vector<std::string> arguments_;
    std::optional<Process> executor_;
    std::uint64_t run_id_ = 1;
    bool wakes_ = true;
    LogLine line_;
    std::string log_;
};

std::vector<ListedProcess> student_processes(const std::string& instance);

/// The text of tests/fixtures/student_code/NAME.
std::string student_code(const std::string& name);

}  // namespace runtime::test
