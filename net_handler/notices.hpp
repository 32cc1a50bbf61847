#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net_handler/protocol/control.hpp"
#include "net_handler/protocol/log_feed.hpp"
#include "net_handler/protocol/network_list.hpp"
#include "net_handler/protocol/rate_limit.hpp"

namespace runtime::net {

/// Who is at the other end of a connection.
struct Peer {
    AddressBytes address;
    std::string text;  ///< for people
};

/// What people are told about clients, in the log: each kind of line once a second in the long run, however
/// often connections end and begin anew, with the number of times that it would have been said. What a driver
/// station must learn is told besides, see LogFeed.
class Notices {
  public:
    explicit Notices(LogFeed& logs) : logs_(logs) {}

    /// The mode is this, since now. Not for the mode at the start.
    void mode(const RobotState& robot, const std::optional<ModeMachine::Origin>& origin);
    /// A driver station has connected: it learns the mode.
    void tell_mode(const RobotState& robot, const std::optional<ModeMachine::Origin>& origin);
    /// A command of a client was carried out, or refused.
    void command(Client client, const Command& command, Control::Notice notice);
    /// A packet was dropped or corrected. `client`: nothing before it has said who it is.
    void bad_packet(std::optional<Client> client, const Peer& peer, std::uint8_t type, std::size_t size,
                    std::string_view fault);

    void connected(Client client, const Peer& peer, bool replaces);
    void disconnected(Client client, const Peer& peer);
    void stopped_within_packet(const Peer& peer);
    void not_allowed(const Peer& peer);
    void field_control_not_allowed(const Peer& peer);
    void tls_refused(const Peer& peer, std::string_view why);
    void silent(const Peer& peer);
    /// A connection had to make room for others.
    void made_room(const Peer& peer);
    void cannot_accept(const std::string& why);

  private:
    LogFeed& logs_;
    RateLimit modes_{6};
    RateLimit changes_{6};
    RateLimit refusals_;
    std::array<RateLimit, client_count + 1> faults_;  // the last: of strangers
    std::array<RateLimit, client_count> arrivals_{RateLimit{6}, RateLimit{6}};
    RateLimit half_packets_;
    RateLimit not_allowed_;
    RateLimit field_control_not_allowed_;
    RateLimit tls_refused_;
    RateLimit silent_;
    RateLimit made_room_;
    RateLimit accept_errors_;
};

}  // namespace runtime::net
