#pragma once
/// The client's side of the network protocol, for tests: blocking, small, and independent of net_handler's
/// code.
#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "proto/device.pb.h"
#include "proto/game_state.pb.h"
#include "proto/input.pb.h"
#include "proto/run_mode.pb.h"
#include "proto/runtime_status.pb.h"
#include "proto/start_pos.pb.h"
#include "proto/text.pb.h"
#include "proto/time_stamps.pb.h"
#include "tests/support/process.hpp"

namespace runtime::test {

/// A packet as it came: its type and its payload.
struct ReceivedPacket {
    std::uint8_t type = 0;
    std::string payload;

    /// The payload as this message. Throws std::runtime_error if it does not parse.
    template <class Message>
    Message as() const {
        Message message;
        if (!message.ParseFromString(payload))
            throw std::runtime_error("packet of type " + std::to_string(type) + " does not parse");
        return message;
    }
};

/// The bytes of a recorded packet of tests/fixtures/network/clients.json. Throws std::out_of_range for a name
/// that is not there.
std::string recorded_packet(const std::string& name);
/// The bytes that hexadecimal digits stand for.
std::string bytes_from_hex(std::string_view hex);
/// A packet: header and payload.
std::string packet(std::uint8_t type, std::string_view payload);

/// The port that a net_handler started with `--port 0` says it listens on. Waits for its ready line. Throws
/// std::runtime_error if none comes.
std::uint16_t port_of(Process& net_handler);

/// A connection as Dawn or Shepherd. What cannot be done throws std::runtime_error; waiting for something
/// that does not come says false or nothing after `patience`.
class DriverStation {
  public:
    enum class Kind : std::uint8_t { shepherd = 0, dawn = 1 };

    /// Connects to 127.0.0.1 and says who it is.
    explicit DriverStation(std::uint16_t port, Kind kind = Kind::dawn);
    /// Connects and says nothing. `from`: the own address (IPv4), if it matters.
    static DriverStation silent(std::uint16_t port, const std::string& address = "127.0.0.1",
                                const std::string& from = "");
    /// Not of one that keeps receiving.
    DriverStation(DriverStation&& other) noexcept;
    DriverStation& operator=(DriverStation&&) = delete;
    /// Closes the connection.
    ~DriverStation();

    void send_bytes(std::string_view bytes);
    /// Sends a recorded packet, by its name.
    void send_recorded(const std::string& name) { send_bytes(recorded_packet(name)); }
    void send(std::uint8_t type, const google::protobuf::MessageLite& message);
    void set_mode(::RunMode::Mode mode);
    void set_start_position(StartPos::Pos position);
    void send_game_state(GameState::State state);
    void send_inputs(const UserInputs& inputs) { send(5, inputs); }
    /// Sends `inputs` now and every 20 ms from a thread of its own, as a driver station does, until the next
    /// call or stop_sending().
    void keep_sending(const UserInputs& inputs);
    void keep_sending_recorded(const std::string& name) { keep_sending_bytes(recorded_packet(name)); }
    void stop_sending();
    /// From now on what comes is read by a thread of its own, also while the test waits for something else:
    /// net_handler ends the connection of a client that does not read for some seconds.
    void keep_receiving();

    /// The next packet; nothing if none came in time or the connection ended.
    std::optional<ReceivedPacket> receive(std::chrono::milliseconds limit = patience);
    /// Receives until a packet is as wanted.
    std::optional<ReceivedPacket> receive_until(const std::function<bool(const ReceivedPacket&)>& wanted,
                                                std::chrono::milliseconds limit = patience);
    /// Receives until a DevData is as wanted.
    std::optional<DevData> wait_for_devices(const std::function<bool(const DevData&)>& wanted,
                                            std::chrono::milliseconds limit = patience);
    /// The next log line that contains `text`, among those that came already (also during other waits) behind
    /// the one that the last call returned, or else among those to come.
    std::optional<std::string> wait_for_log(const std::string& text,
                                            std::chrono::milliseconds limit = patience);
    /// Receives until a RuntimeStatus is as wanted (Shepherd).
    std::optional<RuntimeStatus> wait_for_status(const std::function<bool(const RuntimeStatus&)>& wanted,
                                                 std::chrono::milliseconds limit = patience);
    /// Receives until the other side ends the connection; false if it does not.
    bool wait_for_end(std::chrono::milliseconds limit = patience);

    /// Ends the connection: at once by a reset, or after everything sent has arrived.
    void reset();
    void close();
    /// The socket; it stays the station's.
    int descriptor() const noexcept { return socket_; }

  private:
    DriverStation() = default;
    void keep_sending_bytes(const std::string& bytes);
    void connect_to(const std::string& address, std::uint16_t port, const std::string& from = "");
    void send_repeatedly();
    void receive_repeatedly();
    void stop_receiving();
    /// What has come.
    void receive_bytes();
    /// Takes a whole packet from what was received.
    std::optional<ReceivedPacket> take_packet();

    int socket_ = -1;
    std::mutex receiving_;  // of the next two
    bool ended_ = false;
    std::string received_;
    std::condition_variable arrived_;
    std::thread receiver_;
    std::vector<std::string> log_;
    std::size_t searched_ = 0;  // lines of log_
    std::mutex mutex_;          // of everything below, and of sending
    std::condition_variable changed_;
    std::string repeated_;
    std::thread sender_;
};

/// One gamepad: buttons as bits, axes left x, left y, right x, right y.
UserInputs gamepad(std::uint64_t buttons, std::array<float, 4> axes = {0, 0, 0, 0});
/// One keyboard: keys as bits.
UserInputs keyboard(std::uint64_t keys);

/// The value of a parameter in a DevData, by "type_uid" or "CustomData", and the parameter's name. Null if it
/// is not there.
const Param* find_parameter(const DevData& data, const std::string& device, const std::string& parameter);

}  // namespace runtime::test
