#include "net_handler/server.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "net_handler/clocks.hpp"
#include "shm_wrapper/process/service.hpp"

namespace runtime::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::v6_only;
using boost::system::error_code;

/// A packet that has begun is whole within this time, or the link is as good as dead.
constexpr Nanoseconds packet_limit = 3 * second;
/// Connections that have not said who they are, at the same time. One more, and one of them is closed.
constexpr std::size_t max_strangers = 32;
/// After an error of accept that lasts, such as too many open files.
constexpr auto accept_pause = std::chrono::milliseconds(100);
/// Between two handshakes of TLS: each is up to some milliseconds of work, and nobody else waits longer.
constexpr auto handshake_period = std::chrono::milliseconds(10);
/// A view of the devices is used again within this time.
constexpr Nanoseconds view_age = 1 * millisecond;

AddressBytes bytes_of(const asio::ip::address& address) {
    const auto v6 =
        address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()) : address.to_v6();
    return v6.to_bytes();
}

std::string shown(const tcp::endpoint& endpoint) {
    auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address.to_string() + " port " + std::to_string(endpoint.port());
}

void end_on_failure(const std::exception_ptr& failure) {
    if (failure)
        std::rethrow_exception(failure);
}

}  // namespace

Server::Server(const ServerOptions& options, BlockWatch blocks)
    : options_(options),
      block_watch_(std::move(blocks)),
      blocks_(options.instance),
      control_(blocks_.previous(), now()),
      logs_(blocks_.log_sources()),
      notices_(logs_),
      acceptor_(loop_),
      tls_acceptor_(loop_),
      signals_(loop_, SIGTERM, SIGINT),
      tick_timer_(loop_),
      handshake_timer_(loop_),
      watcher_(blocks_.log_words()),
      log_event_(loop_, dup(watcher_.descriptor())),
      noted_run_(control_.robot().run_id),
      noted_mode_(control_.robot().mode) {
    if (options.tls)
        tls_.emplace(TlsContext::Role::server, options.tls->files);
    publish();
    if (!options.tls || !options.tls->only)
        listen(acceptor_, options.listen, options.port);
    if (options.tls)
        listen(tls_acceptor_, options.listen, options.tls->port);
}

void Server::listen(Acceptor& acceptor, const asio::ip::address& address, std::uint16_t port) {
    error_code error;
    tcp::endpoint endpoint(address, port);
    acceptor.open(endpoint.protocol(), error);
    // Not every kernel has IPv6: then "all addresses" are all those of IPv4.
    const bool without_ipv6 = error && address.is_v6() && address.is_unspecified();
    if (without_ipv6) {
        endpoint = tcp::endpoint(asio::ip::address_v4::any(), port);
        acceptor.open(endpoint.protocol(), error);
    }
    if (!error && endpoint.protocol() == tcp::v6())
        acceptor.set_option(v6_only(false), error);
    if (!error)
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error)
        acceptor.bind(endpoint, error);
    if (!error)
        acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
        throw std::runtime_error("cannot listen on " + address.to_string() + " port " + std::to_string(port) +
                                 ": " + error.message());
}

int Server::run() {
    signals_.async_wait([this](error_code error, int) {
        if (!error)
            stop();
    });
    if (acceptor_.is_open())
        asio::co_spawn(loop_, accept(acceptor_, nullptr), end_on_failure);
    if (tls_) {
        asio::co_spawn(loop_, accept(tls_acceptor_, &*tls_), end_on_failure);
        spdlog::info("listening on {} for TLS, port {}", options_.listen.to_string(),
                     tls_acceptor_.local_endpoint().port());
    }
    asio::co_spawn(loop_, tick(), end_on_failure);
    asio::co_spawn(loop_, watch_logs(), end_on_failure);
    blocks_.beat(now());
    notify_ready();
    spdlog::info("ready: listening on {} port {}", options_.listen.to_string(),
                 (acceptor_.is_open() ? acceptor_ : tls_acceptor_).local_endpoint().port());
    loop_.run();
    return exit_status_;
}

void Server::stop() {
    notify_stopping();
    for (const Client client : {Client::driver_station, Client::field_control}) {
        if (const auto session = std::exchange(clients_[index_of(client)], nullptr)) {
            session->close();
            control_.left(client, now());
        }
    }
    publish();
    loop_.stop();
}

asio::awaitable<void> Server::accept(Acceptor& acceptor, const TlsContext* tls) {
    asio::steady_timer pause(loop_);
    error_code error;
    while (true) {
        Session::Socket socket(loop_);
        tcp::endpoint from;  // asked for later, one that has been reset already would not tell
        co_await acceptor.async_accept(socket, from, asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            accepted(std::move(socket), {bytes_of(from.address()), shown(from)}, tls);
            continue;
        }
        if (error == asio::error::connection_aborted)
            continue;
        notices_.cannot_accept(error.message());
        pause.expires_after(accept_pause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
}

void Server::accepted(Session::Socket socket, Peer peer, const TlsContext* tls) {
    if (!options_.allow.contains(peer.address))
        return notices_.not_allowed(peer);
    strangers_.push_back(
        std::make_shared<Session>(std::move(socket), std::move(peer), *this, options_.send_limits, tls));
    strangers_.back()->start();
    if (strangers_.size() > max_strangers)
        make_room();
}

void Server::make_room() {
    std::vector<AddressBytes> addresses;
    for (const auto& stranger : strangers_)
        addresses.push_back(stranger->peer().address);
    const auto chosen = std::next(strangers_.begin(), static_cast<std::ptrdiff_t>(to_make_room(addresses)));
    notices_.made_room((*chosen)->peer());
    (*chosen)->close();
    strangers_.erase(chosen);
}

void Server::wants_handshake() {
    if (handshake_pause_)
        return;
    std::vector<Session*> waiting;
    std::vector<AddressBytes> addresses;
    for (const auto& stranger : strangers_)
        if (stranger->waits_for_handshake()) {
            waiting.push_back(stranger.get());
            addresses.push_back(stranger->peer().address);
        }
    if (waiting.empty())
        return;
    waiting[handshake_turns_.next(addresses)]->allow_handshake();
    handshake_pause_ = true;
    handshake_timer_.expires_after(handshake_period);
    handshake_timer_.async_wait([this](error_code error) {
        if (error)
            return;
        handshake_pause_ = false;
        wants_handshake();
    });
}

bool Server::identified(Session& session, Client client) {
    const Nanoseconds time = now();
    if (client == Client::field_control && !options_.allow_field_control.contains(session.peer().address)) {
        notices_.field_control_not_allowed(session.peer());
        return false;
    }
    auto& current = clients_[index_of(client)];
    const bool replaces = current != nullptr;
    if (replaces) {
        // What the old connection has still sent comes before its end; its end comes before the new one.
        current->drain();
        if (current)
            current->close();
        current = nullptr;
        control_.left(client, time);
        publish();
    }
    current = session.shared_from_this();
    strangers_.remove(current);
    control_.arrived(client, time);
    if (client == Client::driver_station) {
        logs_.start();
        notices_.tell_mode(control_.robot(), control_.mode_origin());
    } else {
        look_at_battery(time);
    }
    notices_.connected(client, session.peer(), replaces);
    return true;
}

void Server::ended(Session& session) {
    const auto client = session.client();
    const bool current = client && clients_[index_of(*client)].get() == &session;
    if (!current) {
        if (!client && !session.refused_by_tls())
            notices_.no_client(session.peer());
        strangers_.remove_if([&](const auto& stranger) { return stranger.get() == &session; });
        return;
    }
    clients_[index_of(*client)] = nullptr;
    control_.left(*client, now());
    notices_.disconnected(*client, session.peer());
    publish();
}

const RobotView& Server::view(Nanoseconds time) {
    if (time - viewed_ >= view_age) {
        viewed_ = time;
        blocks_.look(view_);
    }
    return view_;
}

void Server::publish() {
    const RobotState robot = control_.robot();
    blocks_.publish(robot, control_.inputs());
    if (robot.run_id != noted_run_ || robot.mode != noted_mode_) {
        noted_run_ = robot.run_id;
        noted_mode_ = robot.mode;
        notices_.mode(robot, control_.mode_origin());
        if (const auto& driver_station = clients_[index_of(Client::driver_station)])
            driver_station->logs_changed();
    }
    if (const auto& field_control = clients_[index_of(Client::field_control)])
        field_control->status_changed();
}

void Server::look_at_blocks(Nanoseconds time) {
    if (const auto fault = block_watch_.check(time); fault && exit_status_ == 0) {
        spdlog::error("{}", *fault);
        exit_status_ = 1;
        stop();
    }
}

void Server::look_at_battery(Nanoseconds time) {
    const auto& field_control = clients_[index_of(Client::field_control)];
    if (!field_control)
        return;
    battery_ = battery_voltage(view(time));
    field_control->status_changed();
}

void Server::close_silent_connections(Nanoseconds time) {
    strangers_.remove_if([&](const auto& stranger) {
        if (time < stranger->identify_by())
            return false;
        if (!stranger->client())
            notices_.silent(stranger->peer());
        stranger->close();
        return true;
    });
    for (const auto& client : clients_) {
        const Nanoseconds since = client ? client->incomplete_since() : 0;
        if (since != 0 && time - since >= packet_limit) {
            const auto session = client;
            notices_.stopped_within_packet(session->peer());
            session->close();
            ended(*session);
        }
    }
}

asio::awaitable<void> Server::tick() {
    error_code error;
    next_beat_ = now();
    while (true) {
        const Nanoseconds time = now();
        control_.advance(time);
        publish();
        if (time >= next_beat_) {
            next_beat_ = std::max(next_beat_ + heartbeat_period, time);
            blocks_.beat(time);
            notify_watchdog();
            close_silent_connections(time);
            look_at_battery(time);
            look_at_blocks(time);
            notices_.tell_counts();
        }
        const Nanoseconds deadline = control_.deadline();
        tick_timer_.expires_at(time_point(deadline == 0 ? next_beat_ : std::min(next_beat_, deadline)));
        co_await tick_timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
}

asio::awaitable<void> Server::watch_logs() {
    error_code error;
    while (true) {
        co_await log_event_.async_wait(asio::posix::stream_descriptor::wait_read,
                                       asio::redirect_error(asio::use_awaitable, error));
        watcher_.acknowledge();
        if (const auto& driver_station = clients_[index_of(Client::driver_station)])
            driver_station->logs_changed();
    }
}

}  // namespace runtime::net
