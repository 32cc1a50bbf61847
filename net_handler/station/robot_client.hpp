#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net_handler/protocol/mode_line.hpp"
#include "net_handler/protocol/packet.hpp"
#include "proto/device.pb.h"
#include "shm_wrapper/clock.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::station {

/// UserInputs go out this often, and at once when they change.
inline constexpr Nanoseconds inputs_period = 20 * millisecond;
/// TimeStamps go out this often.
inline constexpr Nanoseconds time_period = 1 * second;
/// The robot sends device data at least once a second: with nothing for this long, it is gone.
inline constexpr Nanoseconds silence_limit = 3 * second;
/// Log lines that are kept to be shown.
inline constexpr std::size_t kept_lines = 1000;

/// What the driver presses.
struct DriverInputs {
    struct Gamepad {
        std::uint64_t buttons = 0;
        std::array<float, 4> axes{};  ///< left x, left y, right x, right y
        friend bool operator==(const Gamepad&, const Gamepad&) = default;
    };
    std::uint64_t keys = 0;
    std::optional<Gamepad> gamepad;  ///< nothing: none is connected
    friend bool operator==(const DriverInputs&, const DriverInputs&) = default;
};

/// What the robot has said over this connection.
struct Picture {
    DevData devices;
    std::uint64_t device_packets = 0;    ///< DevData so far; 0: `devices` is empty
    std::optional<net::ModeNews> mode;   ///< nothing: the robot has not said it yet
    bool mode_refused = false;           ///< the last start of a mode was refused: field control decides
    std::optional<Nanoseconds> latency;  ///< there and back
    std::deque<std::string> log;  ///< the newest kept_lines; printable UTF-8 without control characters
    std::uint64_t log_lines = 0;  ///< lines so far
};

/// A driver station's side of the network protocol, without I/O: bytes and the time come in, bytes and a
/// picture of the robot come out. What goes out is made when it can go, from the state of that moment:
/// nothing is queued.
///
/// The mode in the picture is what the robot's mode lines say: one on connecting, one at each change.
class RobotClient {
  public:
    /// A new connection: everything starts anew, but not what the driver presses.
    void connected(Nanoseconds time);
    /// What has come. False: this is no robot; the connection is to be closed.
    bool receive(std::string_view bytes, Nanoseconds time);

    void set_mode(RunMode mode);
    void press(const DriverInputs& inputs);
    /// IDLE is the last thing that goes out.
    void leave();

    /// Appends what is due. `wall_clock_ms`: since the Unix epoch.
    void compose(std::string& out, Nanoseconds time, std::uint64_t wall_clock_ms);
    /// When compose() will next have something; far away once IDLE has gone out as the last.
    Nanoseconds due() const noexcept;
    /// Whether everything that leave() wants has been composed.
    bool has_left() const noexcept { return leaving_ && !identify_ && !mode_; }
    /// When the robot counts as gone if nothing comes.
    Nanoseconds silent_at() const noexcept { return received_at_ + silence_limit; }

    const Picture& picture() const noexcept { return picture_; }

  private:
    void receive_packet(std::uint8_t type, std::string_view payload, Nanoseconds time);
    void receive_log(std::string_view payload);
    void receive_time(std::string_view payload, Nanoseconds time);
    void keep_line(std::string_view line);
    void faulty(std::uint8_t type);

    Picture picture_;
    std::string received_;
    Nanoseconds received_at_ = 0;
    DriverInputs inputs_;
    std::optional<RunMode> mode_;  ///< to be sent
    bool idle_before_ = false;     ///< and IDLE before it, so that what runs ends
    bool identify_ = false;
    bool leaving_ = false;
    Nanoseconds inputs_due_ = 0;
    Nanoseconds time_due_ = 0;
    struct Question {
        std::uint64_t wall_clock_ms;
        Nanoseconds sent;
    };
    std::optional<Question> question_;
};

}  // namespace runtime::station
