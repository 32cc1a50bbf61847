#pragma once
// Asio's coroutines of Boost 1.74 use std::exchange without including it.
#include <utility>
//
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net_handler/station/robot_client.hpp"
#include "net_handler/tls_channel.hpp"

namespace runtime::station {

/// Where the robot is.
struct Target {
    std::string address;
    std::string port;
    std::shared_ptr<const net::TlsContext> tls;  ///< null: a plain connection
    std::string text() const { return address + " port " + port; }
};

/// Who wants to know what happens on a link.
class LinkEvents {
  public:
    virtual ~LinkEvents() = default;
    /// The connection stands, and the client has been told.
    virtual void connected() = 0;
    /// The client has received something.
    virtual void received() = 0;
};

/// One attempt to talk to the robot, plain or with TLS: looks up, connects, and carries bytes between the
/// socket and a RobotClient, until the connection ends. All in the thread of the loop.
class Link : public std::enable_shared_from_this<Link> {
  public:
    Link(boost::asio::io_context& loop, Target target, RobotClient& client, LinkEvents& events);

    /// From the name to the end of the connection. Why it ended, for people.
    boost::asio::awaitable<std::string> run();
    /// The client may have something to send.
    void wake();
    /// Ends the connection, or the attempt, at once.
    void close();
    /// Whether the robot has read everything, and IDLE last, before it closed the connection.
    bool left_cleanly() const noexcept { return ended_by_robot_ && client_.has_left(); }
    /// The system is still looking up the name, which nothing can interrupt.
    bool looking_up() const noexcept { return looking_up_; }

  private:
    boost::asio::awaitable<std::string> connect();
    boost::asio::awaitable<std::string> begin_tls();
    bool receive_bytes(std::span<const char> bytes);
    boost::asio::awaitable<std::string> receive();
    boost::asio::awaitable<void> send();
    boost::asio::awaitable<void> watch();

    Target target_;
    RobotClient& client_;
    LinkEvents& events_;
    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer sender_timer_;
    boost::asio::steady_timer watch_timer_;
    bool looking_up_ = false;
    bool closed_ = false;
    bool ended_by_robot_ = false;
    bool silent_ = false;
    bool late_ = false;
    unsigned attempt_ = 0;  ///< to connect: what the timer of an earlier one does is not for this one
    std::optional<net::TlsChannel> tls_;
    std::string out_;
    std::vector<std::uint8_t> encrypted_;
    std::array<char, net::TlsChannel::max_receive> in_;
};

}  // namespace runtime::station
