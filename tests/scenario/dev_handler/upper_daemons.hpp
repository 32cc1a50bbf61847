#pragma once
#include <functional>
#include <optional>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/layout.hpp"
#include "tests/support/wire.hpp"

namespace runtime::test {

/// Plays net_handler, executor and the student process towards dev_handler: writes their blocks. Their
/// heartbeats are ahead of time, so that a test that has to wait for a processor does not close the gate.
class UpperDaemons {
  public:
    explicit UpperDaemons(const std::string& instance);

    /// TELEOP with a gamepad and running student code, in a run of its own.
    void start_run(RunMode mode = RunMode::teleop);
    /// IDLE.
    void stop_run();
    /// Changes one thing and publishes it.
    template <class Change>
    void robot(Change change) {
        change(robot_state_);
        publish(robot_->state, robot_state_);
    }
    template <class Change>
    void student(Change change) {
        change(student_state_);
        publish(student_->state, student_state_);
    }
    /// Whether the heartbeats go on; false: the last one is now.
    void net_handler_beats(bool goes_on);
    void executor_beats(bool goes_on);

    /// From now on dev_handler is woken by nothing that is published here.
    void lose_wakes() noexcept { wakes_ = false; }

    std::uint64_t run_id() const noexcept { return robot_state_.run_id; }

    /// A command as the student API publishes it, for the present run and the slot's present generation.
    void command(std::size_t slot, std::size_t parameter, Value value);
    /// The same with a run id and generation of the test's choice.
    void command(std::size_t slot, std::size_t parameter, Value value, std::uint64_t run_id,
                 std::uint32_t generation);

    /// Several parameters in one publication.
    void command(std::size_t slot, const wire::ValueMap& values);

    /// Waits until `holds`, looking whenever dev_handler says that something has changed.
    bool wait_for_devices(const std::function<bool()>& holds);

    const DevicesBlock& devices() const noexcept { return *devices_; }
    const DeviceType& type(std::uint8_t number) const { return *types_->types.find(number); }
    CommandsBlock& commands() noexcept { return *commands_; }

    /// The slot of a connected device, once it is connected; throws if that does not happen.
    std::size_t slot_of(std::uint8_t type, std::uint64_t uid);
    bool connected(std::uint8_t type, std::uint64_t uid) const;

  private:
    template <class Cell, class State>
    void publish(Cell& cell, const State& state) {
        if (wakes_)
            cell.publish_and_wake(state);
        else
            cell.publish(state);
    }
    void publish_commands(std::size_t slot, const SlotCommands& commands);
    std::optional<std::size_t> find(std::uint8_t type, std::uint64_t uid) const;

    BlockReader<TypesBlock> types_;
    BlockReader<DevicesBlock> devices_;
    BlockWriter<RobotBlock> robot_;
    BlockWriter<StudentBlock> student_;
    BlockWriter<CommandsBlock> commands_;
    RobotState robot_state_{};
    StudentState student_state_{};
    bool wakes_ = true;
};

}  // namespace runtime::test
