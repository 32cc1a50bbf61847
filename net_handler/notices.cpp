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

/// How often it has happened, where that is more than once.
std::string times(std::uint64_t count) {
    return count == 1 ? "" : " (" + std::to_string(count) + " since the last such line)";
}

}  // namespace

void Notices::mode(const RobotState& robot, const std::optional<ModeMachine::Origin>& origin) {
    tell_mode(robot, origin);
    if (modes_.count(now()))
        spdlog::info(mode_line(robot, origin));
}

void Notices::tell_mode(const RobotState& robot, const std::optional<ModeMachine::Origin>& origin) {
    logs_.tell(LogFeed::Topic::mode, now(), LogLevel::info, mode_line(robot, origin));
}

void Notices::command(Client client, const Command& command, Control::Notice notice) {
    if (notice == Control::Notice::mode_refused) {
        const std::string line = mode_refused_line(std::get<ModeCommand>(command).mode);
        logs_.tell(LogFeed::Topic::mode_refused, now(), LogLevel::warning, line);
        if (refusals_.count(now()))
            spdlog::warn(line);
        return;
    }
    if (notice == Control::Notice::mode_changed || !changes_.count(now()))
        return;
    if (const auto* position = std::get_if<StartPositionCommand>(&command))
        spdlog::info("start position {}, set by the {}",
                     position->position == StartPosition::left ? "left" : "right", net::name_of(client));
    else if (const auto* state = std::get_if<GameStateCommand>(&command))
        spdlog::info("{}{}", name_of(state->state),
                     notice == Control::Notice::game_state_ignored ? " ignored: the robot is idle" : "");
}

void Notices::bad_packet(std::optional<Client> client, const Peer& peer, std::uint8_t type, std::size_t size,
                         std::string_view fault) {
    RateLimit& limit = faults_[client ? index_of(*client) : client_count];
    if (const auto count = limit.count(now()))
        spdlog::warn("{} {}: bad packet (type {}, {} bytes): {}; {} since the last such line, {} in all",
                     client ? net::name_of(*client) : "client", peer.text, type, size, fault, *count,
                     limit.total());
}

void Notices::connected(Client client, const Peer& peer, bool replaces) {
    if (arrivals_[index_of(client)].count(now()))
        spdlog::info("{} connected from {}{}", net::name_of(client), peer.text,
                     replaces ? ", in the place of an earlier one" : "");
}

void Notices::disconnected(Client client, const Peer& peer) {
    if (arrivals_[index_of(client)].count(now()))
        spdlog::info("{} disconnected ({})", net::name_of(client), peer.text);
}

void Notices::stopped_within_packet(const Peer& peer) {
    if (const auto count = half_packets_.count(now()))
        spdlog::warn("{} stopped in the middle of a packet; its connection is closed{}", peer.text,
                     times(*count));
}

void Notices::not_allowed(const Peer& peer) {
    if (const auto count = not_allowed_.count(now()))
        spdlog::warn("refused a connection from {}, which --allow does not include{}", peer.text,
                     times(*count));
}

void Notices::field_control_not_allowed(const Peer& peer) {
    if (const auto count = field_control_not_allowed_.count(now()))
        spdlog::warn("refused field control from {}, which --allow-field-control does not include{}",
                     peer.text, times(*count));
}

void Notices::tls_refused(const Peer& peer, std::string_view why) {
    if (const auto count = tls_refused_.count(now()))
        spdlog::warn("refused a TLS connection from {}: {}{}", peer.text, why, times(*count));
}

void Notices::silent(const Peer& peer) {
    if (const auto count = silent_.count(now()))
        spdlog::info("closed a connection from {} that did not say who it is{}", peer.text, times(*count));
}

void Notices::made_room(const Peer& peer) {
    if (const auto count = made_room_.count(now()))
        spdlog::warn("many connections that do not say who they are; closed one from {}{}", peer.text,
                     times(*count));
}

void Notices::cannot_accept(const std::string& why) {
    if (accept_errors_.count(now()))
        spdlog::warn("cannot accept a connection: {}; trying again", why);
}

}  // namespace runtime::net
