#pragma once
#include <memory>
#include <string>
#include <vector>

#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_ring.hpp"
#include "tests/support/driver_station.hpp"
#include "tests/support/robot.hpp"

namespace runtime::test {

/// A real net_handler on loopback, with the test in the place of dev_handler, executor and the student
/// process: it writes their blocks, and reads the blocks that net_handler writes.
class Field {
  public:
    /// `arguments`: further ones. With --log-level net_handler may not say that it is ready; it listens then.
    explicit Field(const std::vector<std::string>& arguments = {});

    /// Ends net_handler (end_well).
    ~Field() { end_well({&net_handler_}); }
    Field(const Field&) = delete;
    Field& operator=(const Field&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    DriverStation dawn() const { return DriverStation(port_, DriverStation::Kind::dawn); }
    DriverStation shepherd() const { return DriverStation(port_, DriverStation::Kind::shepherd); }
    /// What net_handler has sent to this client and its kernel has not acknowledged, in bytes; 0 also without
    /// a connection.
    std::size_t unacknowledged_bytes(const DriverStation& client) const;
    /// Waits until net_handler's kernel knows that all that was sent to this client has arrived; from then on
    /// nothing reaches the client's socket. What is sent meanwhile, such as DevData, may arrive without that
    /// being known.
    void cut_off(const DriverStation& client) const;
    Process& net_handler() noexcept { return net_handler_; }
    const Robot& robot() const noexcept { return robot_; }

    RobotState state() const { return robot_block_->state.read(); }
    Inputs inputs() const { return inputs_block_->inputs.read(); }
    /// Wait for the robot block, or the inputs block, to be as wanted.
    bool wait_for_state(const std::function<bool(const RobotState&)>& wanted) const;
    bool wait_for_inputs(const std::function<bool(const Inputs&)>& wanted) const;
    bool wait_for_mode(runtime::RunMode mode) const;

    /// The number of a device type by its name.
    const DeviceType& type(const std::string& name) const;
    /// As dev_handler: a device is connected in the slot, with all readable values reported.
    void connect(std::size_t slot, const DeviceType& type, std::uint64_t uid, std::vector<Value> values);
    void disconnect(std::size_t slot);
    /// As the student process: these values were logged by the current run.
    void log_values(const std::vector<std::pair<std::string, Value>>& values, ParameterKind kind);

    LogWriter& dev_handler_log() { return dev_handler_log_; }
    LogWriter& executor_log() { return executor_log_; }
    DevicesBlock& devices() { return *devices_; }
    CustomDataBlock& custom_data() { return *custom_data_; }

  private:
    Robot robot_;
    BlockWriter<DevicesBlock> devices_;
    BlockWriter<CustomDataBlock> custom_data_;
    LogWriter dev_handler_log_;
    LogWriter executor_log_;
    BlockReader<RobotBlock> robot_block_;
    BlockReader<InputsBlock> inputs_block_;
    BlockReader<TypesBlock> types_;
    Process net_handler_;
    std::uint16_t port_;
};

}  // namespace runtime::test
