#pragma once
#include <optional>

#include "net_handler/protocol/input_tracker.hpp"
#include "net_handler/protocol/messages.hpp"
#include "net_handler/protocol/mode_machine.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::net {

/// What the clients' commands make of the robot's state. No I/O: the commands and the time come in, the
/// contents of the blocks `robot` and `inputs` come out.
class Control {
  public:
    /// What a command has done, as far as people are told.
    enum class Notice : std::uint8_t {
        none,
        mode_changed,
        mode_refused,
        position_changed,
        game_state_applied,
        game_state_ignored,  ///< the robot is idle
    };

    /// `previous`: what the robot block holds from the last life of net_handler.
    Control(const RobotState& previous, Nanoseconds time) noexcept;

    void arrived(Client client, Nanoseconds time) noexcept;
    void left(Client client, Nanoseconds time) noexcept;
    /// Something has come from the client that may or may not be a command.
    void heard(Client client, Nanoseconds time) noexcept;
    Notice handle(Client client, const Command& command, Nanoseconds time) noexcept;
    /// Lets time pass: inputs go stale.
    void advance(Nanoseconds time) noexcept { inputs_.advance(time); }
    /// When advance() will next have something to do; 0: not until something comes.
    Nanoseconds deadline() const noexcept { return inputs_.deadline(); }

    RobotState robot() const noexcept;
    const std::optional<ModeMachine::Origin>& mode_origin() const noexcept { return modes_.origin(); }
    const Inputs& inputs() const noexcept { return inputs_.inputs(); }
    Status status(float battery) const noexcept;

  private:
    Notice handle_mode(Client client, RunMode mode, Nanoseconds time) noexcept;

    ModeMachine modes_;
    InputTracker inputs_;
};

}  // namespace runtime::net
