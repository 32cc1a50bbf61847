#include "net_handler/notices.hpp"

#include <spdlog/spdlog.h>

#include "net_handler/protocol/mode_line.hpp"
#include "shm_wrapper/clock.hpp"

namespace runtime::net {
namespace {

std::string_view name_of(GameStateCommand::State state) {
    switch (state) {
        case GameStateCommand::State::poison_ivy:
            return "POISON_IVY";
        case GameStateCommand::State::dehydration:
            return "DEHYDRATION";
        case GameStateCommand::State::hypothermia_start:
            return "HYPOTHERMIA_START";
        case GameStateCommand::State::hypothermia_end:
            return "HYPOTHERMIA_END";
    }
    return "?";
}

/// Comings and goings, and changes, that may be told at once.
constexpr int burst = 6;

std::string times(std::uint64_t count, std::uint64_t total) {
    return std::to_string(count) + " since the last such line, " + std::to_string(total) + " in all";
}

}  // namespace

constexpr std::array<Notices::KindText, Notices::kinds> Notices::texts{{
    {"changes of the run mode", LogLevel::info},
    {"start positions and game states", LogLevel::info},
    {"starts that were refused to the driver station", LogLevel::warning},
    {"field control: bad packets", LogLevel::warning},
    {"driver station: bad packets", LogLevel::warning},
    {"field control: comings and goings", LogLevel::info},
    {"driver station: comings and goings", LogLevel::info},
    {"connections closed in the middle of a packet", LogLevel::warning},
    {"connections refused, which --allow does not include", LogLevel::warning},
    {"field control refused, which --allow-field-control does not include", LogLevel::warning},
    {"TLS connections refused", LogLevel::warning},
    {"connections closed that did not say who they are", LogLevel::info},
    {"connections that ended without the first byte of a client", LogLevel::info},
    {"connections closed to make room for others", LogLevel::warning},
    {"cannot accept a connection", LogLevel::warning},
}};

Notices::Notices(LogFeed& logs) : logs_(logs) {
    for (const Kind kind : {Kind::mode, Kind::change, Kind::arrival, Kind::driver_station_arrival})
        limit(kind) = RateLimit(burst);
}

Notices::Kind Notices::of(Client client, Kind of_field_control) noexcept {
    return static_cast<Kind>(static_cast<std::size_t>(of_field_control) + index_of(client));
}

std::optional<std::string> Notices::count(Kind kind) {
    const auto count = limit(kind).count(now());
    if (!count)
        return std::nullopt;
    const std::uint64_t total = limit(kind).total();
    return total == 1 ? "" : " (" + times(*count, total) + ")";
}

bool Notices::may_tell(Kind kind) {
    const auto count = limit(kind).count(now());
    if (count && *count > 1)
        tell_count(kind, *count);
    return count.has_value();
}

void Notices::tell_count(Kind kind, std::uint64_t count) {
    const auto& [name, level] = texts[static_cast<std::size_t>(kind)];
    spdlog::log(level == LogLevel::warning ? spdlog::level::warn : spdlog::level::info, "{}: {}", name,
                times(count, limit(kind).total()));
}

void Notices::tell_counts() {
    const Nanoseconds time = now();
    for (std::size_t i = 0; i < kinds; ++i)
        if (const auto count = limits_[i].overdue(time))
            tell_count(static_cast<Kind>(i), *count);
}

void Notices::mode(const RobotState& robot, const std::optional<ModeMachine::Origin>& origin) {
    tell_mode(robot, origin);
    if (may_tell(Kind::mode))
        spdlog::info(mode_line(robot, origin));
}

void Notices::tell_mode(const RobotState& robot, const std::optional<ModeMachine::Origin>& origin) {
    logs_.tell(LogFeed::Topic::mode, now(), LogLevel::info, mode_line(robot, origin));
}

void Notices::command(Client client, const Command& command, Control::Notice notice) {
    if (notice == Control::Notice::mode_refused) {
        const std::string line = mode_refused_line(std::get<ModeCommand>(command).mode);
        logs_.tell(LogFeed::Topic::mode_refused, now(), LogLevel::warning, line);
        if (may_tell(Kind::refusal))
            spdlog::warn(line);
        return;
    }
    if (notice == Control::Notice::mode_changed || !may_tell(Kind::change))
        return;
    if (const auto* position = std::get_if<StartPositionCommand>(&command))
        spdlog::info("start position {}, set by the {}",
                     position->position == StartPosition::left ? "left" : "right", net::name_of(client));
    else if (const auto* state = std::get_if<GameStateCommand>(&command))
        spdlog::info("{}{}", name_of(state->state),
                     notice == Control::Notice::game_state_ignored ? " ignored: the robot is idle" : "");
}

void Notices::bad_packet(Client client, const Peer& peer, std::uint8_t type, std::size_t size,
                         std::string_view fault) {
    if (const auto times = count(of(client, Kind::fault)))
        spdlog::warn("{} {}: bad packet (type {}, {} bytes): {}{}", net::name_of(client), peer.text, type,
                     size, fault, *times);
}

void Notices::connected(Client client, const Peer& peer, bool replaces) {
    if (may_tell(of(client, Kind::arrival)))
        spdlog::info("{} connected from {}{}", net::name_of(client), peer.text,
                     replaces ? ", in the place of an earlier one" : "");
}

void Notices::disconnected(Client client, const Peer& peer) {
    if (may_tell(of(client, Kind::arrival)))
        spdlog::info("{} disconnected ({})", net::name_of(client), peer.text);
}

void Notices::stopped_within_packet(const Peer& peer) {
    if (const auto times = count(Kind::half_packet))
        spdlog::warn("{} stopped in the middle of a packet; its connection is closed{}", peer.text, *times);
}

void Notices::not_allowed(const Peer& peer) {
    if (const auto times = count(Kind::not_allowed))
        spdlog::warn("refused a connection from {}, which --allow does not include{}", peer.text, *times);
}

void Notices::field_control_not_allowed(const Peer& peer) {
    if (const auto times = count(Kind::field_control_not_allowed))
        spdlog::warn("refused field control from {}, which --allow-field-control does not include{}",
                     peer.text, *times);
}

void Notices::tls_refused(const Peer& peer, std::string_view why) {
    if (const auto times = count(Kind::tls_refused))
        spdlog::warn("refused a TLS connection from {}: {}{}", peer.text, why, *times);
}

void Notices::silent(const Peer& peer) {
    if (const auto times = count(Kind::silent))
        spdlog::info("closed a connection from {} that did not say who it is{}", peer.text, *times);
}

void Notices::no_client(const Peer& peer) {
    if (const auto times = count(Kind::no_client))
        spdlog::info("a connection from {} ended without the first byte of a client{}", peer.text, *times);
}

void Notices::made_room(const Peer& peer) {
    if (const auto times = count(Kind::made_room))
        spdlog::warn("many connections that do not say who they are; closed one from {}{}", peer.text,
                     *times);
}

void Notices::cannot_accept(const std::string& why) {
    if (const auto times = count(Kind::accept_error))
        spdlog::warn("cannot accept a connection: {}; trying again{}", why, *times);
}

}  // namespace runtime::net
