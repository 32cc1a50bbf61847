#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "executor/messages.hpp"
#include "executor/student/device_id.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::student {

/// What is wrong with a device or parameter that a student program names.
enum class Fault : std::uint8_t {
    none,
    bad_id,         ///< not "{type}_{uid}"
    unknown_type,   ///< no device type has this number
    not_connected,  ///< no such device is connected, nor expected back
    no_parameter,   ///< the type has no parameter of this name
};

/// A parameter of a device that is connected, or that is expected back since dev_handler was restarted: that
/// one keeps its last values, and what is commanded to it has no effect, like all that is commanded while the
/// gate is closed.
struct Located {
    Fault fault = Fault::none;
    DeviceId id{};
    const DeviceType* type = nullptr;
    unsigned slot = 0;
    std::uint32_t generation = 0;
    unsigned parameter = 0;
    bool connected = false;

    const ParameterType& kind() const noexcept { return type->parameters[parameter]; }
};

/// The student process's view of the robot: the blocks that it reads and the two that it writes. Knows
/// nothing of Python. One thread at a time (the interpreter's lock), except for the const functions.
class RobotLink {
  public:
    /// Attaches the blocks that are read. Throws BlockError.
    explicit RobotLink(std::string instance);
    /// Maps and claims the blocks that are written, and begins the run: nothing is logged, nothing commanded.
    /// The descriptors stay the caller's. Throws BlockError.
    void begin_run(const executor::StartOrder& order, int commands, int custom_data);

    /// Finds the parameter. Looks at the device's identity each time: it may have gone, or have come back.
    Located locate(std::string_view device_id, std::string_view parameter) noexcept;
    /// What is wrong, and what to write instead.
    std::string explain(const Located& located, std::string_view device_id, std::string_view parameter) const;
    /// The latest value; nothing if the device has not reported it since it was connected.
    std::optional<Value> read(const Located& located) const noexcept;
    /// Waits for the first report of the value, until `deadline` or the end of the mode.
    std::optional<Value> wait_for_value(const Located& located, Nanoseconds deadline) const noexcept;
    /// Commands a value to a device that is connected. Never blocks.
    void command(const Located& located, Value value) noexcept;
    /// Shows a value at the driver station. False if there are max_custom_values other keys already. `key`:
    /// shorter than custom_key_size, not empty.
    bool log(std::string_view key, ParameterKind kind, Value value);

    Inputs inputs() const noexcept { return inputs_->inputs.read(); }
    /// Whether the robot is still in the run that began.
    bool in_run() const noexcept;
    RunMode mode() const noexcept { return order_.mode; }
    StartPosition start_position() const noexcept { return order_.start_position; }
    const DeviceTypes& types() const noexcept { return types_->types; }

    /// The counts of what X_main waits for.
    struct Seen {
        std::uint32_t inputs;
        std::uint32_t devices;
        std::uint32_t robot;
    };
    Seen look() const noexcept;
    /// Waits until something differs from `seen` (device data only if `for_data`), the mode ends, or until
    /// `deadline`.
    void wait(const Seen& seen, bool for_data, Nanoseconds deadline) const noexcept;

  private:
    int find_slot(DeviceId id, DeviceIdentity& identity) noexcept;
    int find_parameter(const DeviceType& type, std::string_view name) const noexcept;
    std::vector<std::string_view> names_of(const DeviceType& type) const;
    std::string connected_devices() const;

    std::string instance_;
    TypesReader types_;
    BlockReader<DevicesBlock> devices_;
    BlockReader<RobotBlock> robot_;
    BlockReader<InputsBlock> inputs_;
    std::optional<BlockWriter<CommandsBlock>> commands_;
    std::optional<BlockWriter<CustomDataBlock>> custom_data_;
    executor::StartOrder order_{};
    /// What stands in the commands block.
    std::array<SlotCommands, max_devices> commanded_{};
    /// Where a device was found last, by a hash of its id. Only a hint: its identity is read each time.
    std::array<std::uint8_t, 64> slot_hints_{};
    /// The parameters' names with their lengths, by the type's position in the list.
    std::vector<std::vector<std::string_view>> parameter_names_;
    std::unordered_map<std::string, std::size_t> logged_;
};

}  // namespace runtime::student
