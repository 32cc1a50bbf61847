#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "net_handler/protocol/packet.hpp"
#include "proto/game_state.pb.h"
#include "proto/input.pb.h"
#include "proto/run_mode.pb.h"
#include "proto/start_pos.pb.h"
#include "proto/time_stamps.pb.h"
#include "shm_wrapper/layout.hpp"

namespace runtime::net {

/// Buttons of a gamepad and keys of a keyboard that the student API has: bits above are dropped.
inline constexpr std::uint64_t gamepad_buttons_mask = (1ULL << 17) - 1;
inline constexpr std::uint64_t keyboard_keys_mask = (1ULL << 47) - 1;

struct ModeCommand {
    RunMode mode;
};
struct StartPositionCommand {
    StartPosition position;
};
struct GameStateCommand {
    enum class State : std::uint8_t { poison_ivy, dehydration, hypothermia_start, hypothermia_end };
    State state;
};

/// What a UserInputs says, made safe: masks applied, axes finite and in [-1, 1]. Of several entries of one
/// source the first counts.
struct InputsCommand {
    struct Gamepad {
        bool connected;
        std::uint64_t buttons;
        std::array<float, 4> axes;
    };
    struct Keyboard {
        bool connected;
        std::uint64_t keys;
    };
    std::optional<Gamepad> gamepad;    ///< nothing: not listed
    std::optional<Keyboard> keyboard;  ///< nothing: not listed
    bool empty;                        ///< the message listed nothing at all
};

struct TimeRequest {
    std::uint64_t driver_station_time;
};

using Command = std::variant<ModeCommand, StartPositionCommand, GameStateCommand, InputsCommand, TimeRequest>;

/// What came of a packet. A command may come with a fault: then part of it was corrected.
struct Decoded {
    std::optional<Command> command;
    std::string_view fault;  ///< what was wrong, for people; empty: nothing
};

/// Turns the packets of clients into commands. Keeps its messages, so that decoding the usual packets
/// allocates nothing once it has seen the first.
class MessageDecoder {
  public:
    /// `type` as it stands in the packet; a type that this client does not send is a fault.
    Decoded decode(Client client, std::uint8_t type, std::span<const std::uint8_t> payload);

  private:
    Decoded decode_inputs(std::span<const std::uint8_t> payload);

    ::RunMode run_mode_;
    ::StartPos start_position_;
    ::GameState game_state_;
    ::UserInputs user_inputs_;
    ::TimeStamps time_stamps_;
};

/// What field control is told.
struct Status {
    bool field_control_connected;
    bool driver_station_connected;
    RunMode mode;
    float battery;  ///< volts
    friend bool operator==(const Status&, const Status&) = default;
};

/// Appends a whole packet to `out`.
void append_status(std::vector<std::uint8_t>& out, const Status& status);
/// `runtime_time`: milliseconds since the Unix epoch.
void append_time_stamps(std::vector<std::uint8_t>& out, const TimeRequest& request,
                        std::uint64_t runtime_time);

}  // namespace runtime::net
