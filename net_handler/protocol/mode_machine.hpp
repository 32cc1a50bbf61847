#pragma once
#include <array>
#include <optional>

#include "net_handler/protocol/messages.hpp"
#include "net_handler/protocol/packet.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::net {

/// How long POISON_IVY and DEHYDRATION last (network protocol).
inline constexpr Nanoseconds game_state_duration = 10 * second;

/// The run mode and everything that belongs to a match: who may change what, run ids, start position, game
/// states, which clients are connected.
class ModeMachine {
  public:
    enum class Result : std::uint8_t {
        changed,
        unchanged,  ///< it was so already, or a game state came while the robot is idle
        refused,    ///< the driver station may not start the robot while field control is connected
    };

    /// How the present mode came about.
    struct Origin {
        Client client;
        bool left;  ///< it has gone, or was replaced; otherwise it has set the mode
    };

    /// Starts idle. `previous`: what the last life of net_handler left in the robot block: its run id is
    /// advanced once, its start position is kept.
    ModeMachine(const RobotState& previous, Nanoseconds time) noexcept;

    void arrived(Client client) noexcept;
    /// The robot goes idle.
    void left(Client client, Nanoseconds time) noexcept;
    bool connected(Client client) const noexcept { return connected_[index_of(client)]; }

    Result set_mode(Client by, RunMode mode, Nanoseconds time) noexcept;
    Result set_start_position(StartPosition position) noexcept;
    Result apply(GameStateCommand::State state, Nanoseconds time) noexcept;

    /// As the robot block shows it, except for the inputs.
    RobotState state() const noexcept;
    RunMode mode() const noexcept { return state_.mode; }
    /// Nothing: the robot has been idle since the start.
    const std::optional<Origin>& origin() const noexcept { return origin_; }

  private:
    void enter(RunMode mode, Origin origin, Nanoseconds time) noexcept;

    RobotState state_{};
    std::optional<Origin> origin_;
    std::array<bool, client_count> connected_{};
};

}  // namespace runtime::net
