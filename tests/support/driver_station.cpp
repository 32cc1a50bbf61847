#include "tests/support/driver_station.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace runtime::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto input_period = 20ms;
constexpr std::uint8_t log_type = 2;
constexpr std::size_t header_size = 3;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

}  // namespace

std::string bytes_from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    return bytes;
}

std::string recorded_packet(const std::string& name) {
    static const auto packets = [] {
        std::ifstream file(SOURCE_DIRECTORY "/tests/fixtures/network/clients.json");
        std::map<std::string, std::string> result;
        const auto json = nlohmann::json::parse(file);
        for (const auto& entry : json.at("packets"))
            result[entry.at("name")] = bytes_from_hex(entry.at("hex").get<std::string>());
        return result;
    }();
    return packets.at(name);
}

std::string packet(std::uint8_t type, std::string_view payload) {
    std::string bytes{static_cast<char>(type), static_cast<char>(payload.size() & 0xFF),
                      static_cast<char>(payload.size() >> 8)};
    return bytes.append(payload);
}

std::uint16_t port_of(Process& net_handler) {
    if (!net_handler.wait_for_output("ready"))
        throw std::runtime_error("net_handler is not ready: " + net_handler.output());
    const std::string& line = net_handler.matched_line();
    return static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind("port ") + 5)));
}

DriverStation::DriverStation(std::uint16_t port, Kind kind) {
    connect_to("127.0.0.1", port);
    send_bytes(std::string(1, static_cast<char>(kind)));
}

DriverStation DriverStation::silent(std::uint16_t port, const std::string& address, const std::string& from) {
    DriverStation station;
    station.connect_to(address, port, from);
    return station;
}

DriverStation::DriverStation(DriverStation&& other) noexcept {
    other.stop_sending();
    std::swap(socket_, other.socket_);
    std::swap(ended_, other.ended_);
    std::swap(received_, other.received_);
}

DriverStation::~DriverStation() {
    stop_sending();
    close();
}

void DriverStation::connect_to(const std::string& address, std::uint16_t port, const std::string& from) {
    sockaddr_in6 v6{};
    sockaddr_in v4{};
    const bool is_v6 = inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1;
    if (!is_v6 && inet_pton(AF_INET, address.c_str(), &v4.sin_addr) != 1)
        throw std::runtime_error(address + " is not an address");
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    socket_ = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0)
        fail("socket");
    if (!from.empty()) {
        sockaddr_in own{};
        own.sin_family = AF_INET;
        // Or a port is taken that connections to other places could share.
        const int no_port = 1;
        setsockopt(socket_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &no_port, sizeof no_port);
        if (inet_pton(AF_INET, from.c_str(), &own.sin_addr) != 1 ||
            bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0)
            fail("connect from " + from);
    }
    const auto* target = is_v6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
    if (::connect(socket_, target, is_v6 ? sizeof v6 : sizeof v4) != 0)
        fail("connect to " + address + " port " + std::to_string(port));
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void DriverStation::send_bytes(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0)
            fail("send");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void DriverStation::send(std::uint8_t type, const google::protobuf::MessageLite& message) {
    send_bytes(packet(type, message.SerializeAsString()));
}

void DriverStation::set_mode(::RunMode::Mode mode) {
    ::RunMode message;
    message.set_mode(mode);
    send(0, message);
}

void DriverStation::set_start_position(StartPos::Pos position) {
    StartPos message;
    message.set_pos(position);
    send(1, message);
}

void DriverStation::send_game_state(GameState::State state) {
    GameState message;
    message.set_state(state);
    send(4, message);
}

void DriverStation::keep_sending(const UserInputs& inputs) {
    keep_sending_bytes(packet(5, inputs.SerializeAsString()));
}

void DriverStation::keep_sending_bytes(const std::string& bytes) {
    send_bytes(bytes);
    const std::lock_guard lock(mutex_);
    repeated_ = bytes;
    if (!sender_.joinable())
        sender_ = std::thread(&DriverStation::send_repeatedly, this);
}

void DriverStation::stop_sending() {
    {
        const std::lock_guard lock(mutex_);
        repeated_.clear();
    }
    changed_.notify_all();
    if (sender_.joinable())
        sender_.join();
}

void DriverStation::send_repeatedly() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, input_period, [&] { return repeated_.empty(); })) {
        const std::string bytes = repeated_;
        // The other side may have ended the connection: receiving tells.
        if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0)
            return;
    }
}

void DriverStation::keep_receiving() {
    receiver_ = std::thread(&DriverStation::receive_repeatedly, this);
}

void DriverStation::receive_repeatedly() {
    for (bool ended = false; !ended;) {
        pollfd event{socket_, POLLIN, 0};
        poll(&event, 1, -1);
        const std::lock_guard lock(receiving_);
        receive_bytes();
        ended = ended_;
        arrived_.notify_all();
    }
}

void DriverStation::stop_receiving() {
    if (!receiver_.joinable())
        return;
    shutdown(socket_, SHUT_RD);
    receiver_.join();
}

void DriverStation::receive_bytes() {
    std::array<char, 65536> buffer;
    const ssize_t length = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length > 0)
        received_.append(buffer.data(), static_cast<std::size_t>(length));
    else if (length == 0 || (errno != EINTR && errno != EAGAIN))
        ended_ = true;
}

std::optional<ReceivedPacket> DriverStation::take_packet() {
    if (received_.size() < header_size)
        return std::nullopt;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(received_[i]); };
    const std::size_t length = byte(1) | static_cast<std::size_t>(byte(2)) << 8;
    if (received_.size() < header_size + length)
        return std::nullopt;
    ReceivedPacket result{byte(0), received_.substr(header_size, length)};
    received_.erase(0, header_size + length);
    if (result.type == log_type) {
        const Text lines = result.as<Text>();
        log_.insert(log_.end(), lines.payload().begin(), lines.payload().end());
    }
    return result;
}

std::optional<ReceivedPacket> DriverStation::receive(std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    std::unique_lock lock(receiving_);
    while (true) {
        if (auto packet = take_packet())
            return packet;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (ended_ || left <= 0)
            return std::nullopt;
        if (receiver_.joinable()) {
            arrived_.wait_until(lock, deadline);
            continue;
        }
        pollfd event{socket_, POLLIN, 0};
        if (poll(&event, 1, static_cast<int>(left)) > 0)
            receive_bytes();
    }
}

std::optional<ReceivedPacket> DriverStation::receive_until(
    const std::function<bool(const ReceivedPacket&)>& wanted, std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        auto received = left.count() > 0 ? receive(left) : std::nullopt;
        if (!received || wanted(*received))
            return received;
    }
}

std::optional<DevData> DriverStation::wait_for_devices(const std::function<bool(const DevData&)>& wanted,
                                                       std::chrono::milliseconds limit) {
    DevData data;
    const auto found = receive_until(
        [&](const ReceivedPacket& received) {
            if (received.type != 3)
                return false;
            data = received.as<DevData>();
            return wanted(data);
        },
        limit);
    return found ? std::optional(data) : std::nullopt;
}

std::optional<std::string> DriverStation::wait_for_log(const std::string& text,
                                                       std::chrono::milliseconds limit) {
    std::optional<std::string> found;
    const auto search = [&] {
        while (!found && searched_ < log_.size()) {
            const auto& line = log_[searched_++];
            if (line.find(text) != std::string::npos)
                found = line;
        }
        return found.has_value();
    };
    if (!search())
        receive_until([&](const ReceivedPacket&) { return search(); }, limit);
    return found;
}

std::optional<RuntimeStatus> DriverStation::wait_for_status(
    const std::function<bool(const RuntimeStatus&)>& wanted, std::chrono::milliseconds limit) {
    RuntimeStatus status;
    const auto found = receive_until(
        [&](const ReceivedPacket& received) {
            status = received.as<RuntimeStatus>();
            return wanted(status);
        },
        limit);
    return found ? std::optional(status) : std::nullopt;
}

bool DriverStation::wait_for_end(std::chrono::milliseconds limit) {
    receive_until([](const ReceivedPacket&) { return false; }, limit);
    const std::lock_guard lock(receiving_);
    return ended_;
}

void DriverStation::reset() {
    stop_sending();
    stop_receiving();
    const linger at_once{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void DriverStation::close() {
    stop_sending();
    stop_receiving();
    if (socket_ >= 0)
        ::close(std::exchange(socket_, -1));
}

UserInputs gamepad(std::uint64_t buttons, std::array<float, 4> axes) {
    UserInputs result;
    auto* input = result.add_inputs();
    input->set_connected(true);
    input->set_source(Input::GAMEPAD);
    input->set_buttons(buttons);
    for (const float axis : axes)
        input->add_axes(axis);
    return result;
}

UserInputs keyboard(std::uint64_t keys) {
    UserInputs result;
    auto* input = result.add_inputs();
    input->set_connected(true);
    input->set_source(Input::KEYBOARD);
    input->set_buttons(keys);
    return result;
}

const Param* find_parameter(const DevData& data, const std::string& device, const std::string& parameter) {
    for (const auto& candidate : data.devices()) {
        if (candidate.name() != device &&
            std::to_string(candidate.type()) + "_" + std::to_string(candidate.uid()) != device)
            continue;
        for (const auto& param : candidate.params())
            if (param.name() == parameter)
                return &param;
    }
    return nullptr;
}

}  // namespace runtime::test
