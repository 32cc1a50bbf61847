#pragma once
// Asio's coroutines of Boost 1.74 use std::exchange without including it.
#include <utility>
//
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "net_handler/blocks.hpp"
#include "net_handler/notices.hpp"
#include "net_handler/protocol/control.hpp"
#include "net_handler/protocol/fairness.hpp"
#include "net_handler/protocol/network_list.hpp"
#include "net_handler/session.hpp"
#include "shm_wrapper/block_watch.hpp"
#include "shm_wrapper/watcher.hpp"

namespace runtime::net {

struct ServerOptions {
    struct Tls {
        std::uint16_t port;
        TlsFiles files;
        bool only;  ///< no plain port
    };
    std::string instance;
    boost::asio::ip::address listen;
    std::uint16_t port;
    std::optional<Tls> tls;
    NetworkList allow;
    NetworkList allow_field_control;
    SendLimits send_limits;
};

/// The daemon: listens, holds one session a kind of client, and keeps the blocks up to date. Everything runs
/// in the thread that calls run().
class Server final : public SessionHost {
  public:
    /// Attaches to the blocks, which are those that `blocks` has seen, and listens. Throws BlockError or
    /// std::runtime_error.
    Server(const ServerOptions& options, BlockWatch blocks);
    /// Returns after SIGTERM or SIGINT, or when its blocks are gone; the robot is idle then. The exit status.
    int run();

  private:
    Control& control() override { return control_; }
    Notices& notices() override { return notices_; }
    bool identified(Session& session, Client client) override;
    void handled() override { publish(); }
    void ended(Session& session) override;
    void wants_handshake() override;
    const RobotView& view(Nanoseconds time) override;
    LogFeed& logs() override { return logs_; }
    Status status() const override { return control_.status(battery_); }

    using Acceptor = boost::asio::ip::tcp::acceptor;
    static void listen(Acceptor& acceptor, const boost::asio::ip::address& address, std::uint16_t port);
    boost::asio::awaitable<void> accept(Acceptor& acceptor, const TlsContext* tls);
    void accepted(Session::Socket socket, Peer peer, const TlsContext* tls);
    void make_room();
    boost::asio::awaitable<void> tick();
    boost::asio::awaitable<void> watch_logs();
    void close_silent_connections(Nanoseconds time);
    void look_at_blocks(Nanoseconds time);
    void look_at_battery(Nanoseconds time);
    void publish();
    void stop();

    ServerOptions options_;
    boost::asio::io_context loop_{1};
    BlockWatch block_watch_;
    Blocks blocks_;
    Control control_;
    LogFeed logs_;
    Notices notices_;
    Acceptor acceptor_;
    std::optional<TlsContext> tls_;
    Acceptor tls_acceptor_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer tick_timer_;
    boost::asio::steady_timer handshake_timer_;
    Watcher watcher_;
    boost::asio::posix::stream_descriptor log_event_;

    std::array<std::shared_ptr<Session>, client_count> clients_;
    /// Have not said who they are, or were refused; the oldest first.
    std::list<std::shared_ptr<Session>> strangers_;
    RobotView view_{};
    Nanoseconds viewed_ = 0;
    float battery_ = 0;
    Nanoseconds next_beat_ = 0;
    Turns handshake_turns_;
    bool handshake_pause_ = false;
    std::uint64_t noted_run_;  ///< of the mode that people were told last
    RunMode noted_mode_;
    int exit_status_ = 0;
};

}  // namespace runtime::net
