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
    explicit Notices(LogFeed& logs);

    /// Tells how often it has happened what has not been told, where a second has passed. To be called again
    /// and again: the last of many has nothing behind it that would tell.
    void tell_counts();

    /// The mode is this, since now. Not for the mode at the start.
    void mode(const RobotState& robot, const std::optional<ModeMachine::Origin>& origin);
    /// A driver station has connected: it learns the mode.
    void tell_mode(const RobotState& robot, const std::optional<ModeMachine::Origin>& origin);
    /// A command of a client was carried out, or refused.
    void command(Client client, const Command& command, Control::Notice notice);
    /// A packet was dropped or corrected.
    void bad_packet(Client client, const Peer& peer, std::uint8_t type, std::size_t size,
                    std::string_view fault);

    void connected(Client client, const Peer& peer, bool replaces);
    void disconnected(Client client, const Peer& peer);
    void stopped_within_packet(const Peer& peer);
    void not_allowed(const Peer& peer);
    void field_control_not_allowed(const Peer& peer);
    void tls_refused(const Peer& peer, std::string_view why);
    void silent(const Peer& peer);
    /// A connection ended before a client's first byte, or was closed for another one.
    void no_client(const Peer& peer);
    /// A connection had to make room for others.
    void made_room(const Peer& peer);
    void cannot_accept(const std::string& why);

  private:
    enum class Kind : std::uint8_t {
        mode,
        change,
        refusal,
        fault,  // of field control; the next of the driver station
        driver_station_fault,
        arrival,  // the same
        driver_station_arrival,
        half_packet,
        not_allowed,
        field_control_not_allowed,
        tls_refused,
        silent,
        no_client,
        made_room,
        accept_error,
    };
    static constexpr std::size_t kinds = static_cast<std::size_t>(Kind::accept_error) + 1;
    struct KindText {
        std::string_view name;  // of what happens, for the line that gives only its number
        LogLevel level;
    };
    static const std::array<KindText, kinds> texts;
    static Kind of(Client client, Kind of_field_control) noexcept;

    /// It has happened: how often, for the end of its line, if it may be told now.
    std::optional<std::string> count(Kind kind);
    /// The same where the line has a form of its own: the number has its own line.
    bool may_tell(Kind kind);
    void tell_count(Kind kind, std::uint64_t count);
    RateLimit& limit(Kind kind) noexcept { return limits_[static_cast<std::size_t>(kind)]; }

    LogFeed& logs_;
    std::array<RateLimit, kinds> limits_;
};

}  // namespace runtime::net
