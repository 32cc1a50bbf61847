#pragma once
#include <atomic>
#include <functional>
#include <optional>
#include <thread>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/layout.hpp"
#include "tests/scenario/dev_handler/wire.hpp"

namespace runtime::test {

/// Plays net_handler, executor and the student process towards dev_handler: writes their blocks and keeps
/// their heartbeats going.
class UpperDaemons {
  public:
    explicit UpperDaemons(const std::string& instance);
    ~UpperDaemons();

    /// TELEOP with a gamepad and running student code, in a run of its own.
    void start_run(RunMode mode = RunMode::teleop);
    /// IDLE.
    void stop_run();
    /// Changes one thing and publishes it.
    template <class Change>
    void robot(Change change) {
        change(robot_state_);
        robot_->state.publish_and_wake(robot_state_);
    }
    template <class Change>
    void student(Change change) {
        change(student_state_);
        student_->state.publish_and_wake(student_state_);
    }
    /// Whether the heartbeats go on.
    std::atomic<bool> net_handler_beats{true};
    std::atomic<bool> executor_beats{true};

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
    std::optional<std::size_t> find(std::uint8_t type, std::uint64_t uid) const;

    BlockReader<TypesBlock> types_;
    BlockReader<DevicesBlock> devices_;
    BlockWriter<RobotBlock> robot_;
    BlockWriter<StudentBlock> student_;
    BlockWriter<CommandsBlock> commands_;
    RobotState robot_state_{};
    StudentState student_state_{};
    std::atomic<std::uint32_t> ended_{0};
    std::thread beats_;
};

}  // namespace runtime::test
