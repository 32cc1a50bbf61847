#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "dev_handler/command_filter.hpp"
#include "dev_handler/command_intake.hpp"
#include "dev_handler/gate.hpp"

namespace runtime::dev_handler {

/// Why a command did not reach the device.
enum class CommandRefusal : std::uint8_t {
    gate_closed,
    earlier_run,
    not_connected,  ///< meant for a device that is not, or not any more, connected in that slot
    not_writable,
    not_finite,
};

std::string_view describe(CommandRefusal refusal) noexcept;

/// Where what the control decides takes effect: the ports, or a test.
class Actuators {
  public:
    Actuators() = default;
    Actuators(const Actuators&) = delete;
    Actuators& operator=(const Actuators&) = delete;
    virtual ~Actuators() = default;
    /// Every stop parameter of every device: zero, at once; nothing else that waits may be sent.
    virtual void stop_all(GateState reason) = 0;
    virtual void command(std::size_t slot, std::size_t parameter, Value value) = 0;
    /// `tell`: whether a person should hear of it. Of the commands that come too late, because the gate has
    /// closed or another run has begun, only the first one after each closing is worth a line.
    virtual void refused(std::size_t slot, std::uint32_t parameters, CommandRefusal refusal, bool tell) = 0;
};

/// Decides which commands reach the devices and with which values: gate, run id, generation, bounds, game
/// states. Pure: it sees only what it is given.
class CommandControl {
  public:
    /// What is connected in a slot.
    struct Slot {
        const DeviceType* type = nullptr;  ///< null: nothing
        std::uint32_t generation = 0;
    };
    using Slots = std::array<Slot, max_devices>;

    /// One look at the world. `intake` has been read before the conditions and `robot` were: so a command
    /// that follows a change of mode is never judged by the mode before. `changed`: the slots with new
    /// commands.
    void update(const GateConditions& conditions, const RobotState& robot, const CommandIntake& intake,
                std::uint32_t changed, const Slots& slots, Nanoseconds time, Actuators& actuators);

    GateState gate() const noexcept { return gate_; }

  private:
    void pass(const CommandIntake& intake, std::size_t slot, const Slots& slots, Actuators& actuators);
    void refuse_late(std::size_t slot, std::uint32_t parameters, CommandRefusal refusal, const Slots& slots,
                     Actuators& actuators);
    void apply_game_states(const Slots& slots, Actuators& actuators);

    /// What was commanded while the gate has been open, before the game states, for the parameters that they
    /// act on: a game state that begins or ends changes it.
    struct Commanded {
        std::uint32_t generation = 0;
        std::uint32_t parameters = 0;
        std::array<Value, max_parameters> values{};
    };

    GateState gate_ = GateState::idle;
    std::uint64_t run_id_ = 0;
    bool late_told_ = false;  ///< since the gate has closed
    GameStates game_states_;
    std::array<Commanded, max_devices> commanded_{};
};

}  // namespace runtime::dev_handler
