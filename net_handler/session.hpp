#pragma once
// First of all: Asio's coroutines of Boost 1.74 use std::exchange without including it.
#include <utility>
//
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "net_handler/notices.hpp"
#include "net_handler/protocol/conversation.hpp"
#include "net_handler/protocol/device_data.hpp"
#include "net_handler/protocol/lines_underway.hpp"
#include "net_handler/protocol/log_feed.hpp"
#include "net_handler/protocol/pacing.hpp"
#include "net_handler/protocol/status_rhythm.hpp"
#include "net_handler/tls_channel.hpp"

namespace runtime::net {

class Session;

/// What a session needs of the server that it belongs to.
class SessionHost {
  public:
    virtual ~SessionHost() = default;
    virtual Control& control() = 0;
    virtual Notices& notices() = 0;
    /// The session's client has said who it is. False: it may not be that; nothing more of it is read, but
    /// the connection stays until the host closes it, since field control dials again at once when it is
    /// closed.
    virtual bool identified(Session& session, Client client) = 0;
    /// Something was received and handled: what it changed is to be published.
    virtual void handled() = 0;
    /// The session's client has begun to agree on keys, which takes work: the host lets it go on
    /// (allow_handshake()) when it is its turn.
    virtual void wants_handshake() = 0;
    /// The connection has ended by itself.
    virtual void ended(Session& session) = 0;
    virtual const RobotView& view(Nanoseconds time) = 0;
    virtual LogFeed& logs() = 0;
    virtual Status status() const = 0;
};

/// What is sent to a driver station, at most.
struct SendLimits {
    double device_data_hz;
    double megabits_per_second;  ///< 0: no limit
};

/// One connection, plain or with TLS: a coroutine that receives, one that sends. All in the thread of the
/// loop. What waits to be sent is bounded: answers to a few kilobytes, everything else is made only when it
/// can go.
class Session : public std::enable_shared_from_this<Session>, private ConversationEvents {
  public:
    using Socket = boost::asio::ip::tcp::socket;

    /// `tls`: null for a plain connection; it outlives the session.
    Session(Socket socket, Peer peer, SessionHost& host, const SendLimits& limits, const TlsContext* tls);

    /// Sets the socket up and begins to receive.
    void start();
    /// Handles what has been received but not looked at: before this connection is replaced.
    void drain();
    /// Ends the connection without telling the host. Log lines that have not arrived are counted as lost.
    void close();

    /// Whether its client has begun to agree on keys and may not go on yet.
    bool waits_for_handshake() const noexcept { return handshake_ == Handshake::waits; }
    /// It may go on, within this turn of the loop or a later one.
    void allow_handshake();

    /// A log line has come.
    void logs_changed();
    /// What field control is told may have changed.
    void status_changed();

    std::optional<Client> client() const noexcept { return conversation_.client(); }
    /// Whether TLS does not let it in; people are told.
    bool refused_by_tls() const noexcept;
    /// When a connection is closed that has not said who it is.
    Nanoseconds identify_by() const noexcept;
    /// Since when the client owes the rest of a packet; 0: it owes none.
    Nanoseconds incomplete_since() const noexcept;
    const Peer& peer() const noexcept { return peer_; }

  private:
    bool identified(Client client) override;
    void time_requested(const TimeRequest& request) override;
    void noticed(Client client, const Command& command, Control::Notice notice) override;
    void faulty(std::uint8_t packet_type, std::size_t size, std::string_view fault) override;

    /// Of a coroutine: by an exception, the connection ends with it.
    void report_end(const std::exception_ptr& failure);
    boost::asio::awaitable<void> receive();
    boost::asio::awaitable<void> wait_for_handshake();
    boost::asio::awaitable<void> send();
    bool receive_available();
    /// Reads what has come into `space`. Nothing: the connection is at its end; 0: nothing has come.
    std::optional<std::size_t> read_some(std::span<std::uint8_t> space);
    bool receive_encrypted();
    bool converse(std::size_t count);
    void send_answers();
    /// Sends what TLS has ready, while nobody else sends. False: that cannot go.
    bool send_tls_output();
    void wake_sender();
    /// Puts what is due into `out_`. Where nothing is, says when to look again.
    Nanoseconds compose(Nanoseconds time);
    /// The same as it goes over the network.
    Nanoseconds compose_for_network(Nanoseconds time);
    Nanoseconds compose_for_driver_station(Nanoseconds time);
    /// What compose_for_network() has made is the next of the stream.
    void follow_lines();
    Nanoseconds compose_for_field_control(Nanoseconds time);

    Socket socket_;
    Peer peer_;
    SessionHost& host_;
    Conversation conversation_;
    std::optional<TlsChannel> tls_;
    enum class Handshake : std::uint8_t { not_begun, waits, allowed };
    Handshake handshake_ = Handshake::not_begun;
    Nanoseconds record_incomplete_since_ = 0;  ///< the same as of a packet, for a record of TLS
    Nanoseconds since_;
    boost::asio::steady_timer sender_timer_;
    std::vector<std::uint8_t> answers_;
    std::vector<std::uint8_t> out_;
    bool refused_ = false;
    bool sending_ = false;
    bool logs_pending_ = true;
    std::uint64_t sent_ = 0;            ///< bytes of the stream that the kernel has got or is getting
    std::uint64_t composed_lines_ = 0;  ///< of the logs, in `out_` and not in `underway_`
    LinesUnderway underway_;
    Pacing pacing_;
    StatusRhythm status_rhythm_;
};

}  // namespace runtime::net
