#include "net_handler/station/link.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

#include "net_handler/clocks.hpp"

namespace runtime::station {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using net::time_point;
using net::wall_clock_ms;

/// For each of the robot's addresses.
constexpr Nanoseconds connect_limit = 3 * second;
/// For agreeing on keys.
constexpr Nanoseconds tls_limit = 3 * second;

/// Small packets leave at once, and there is room for one only while none that the kernel has is unsent: what
/// waited there would be old when it goes.
void prepare(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    constexpr int unsent_limit = 1;
    setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_limit, sizeof unsent_limit);
}

}  // namespace

Link::Link(asio::io_context& loop, Target target, RobotClient& client, LinkEvents& events)
    : target_(std::move(target)),
      client_(client),
      events_(events),
      resolver_(loop),
      socket_(loop),
      sender_timer_(loop),
      watch_timer_(loop) {}

void Link::wake() {
    sender_timer_.cancel();
}

void Link::close() {
    closed_ = true;
    error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
    sender_timer_.cancel();
    watch_timer_.cancel();
}

asio::awaitable<std::string> Link::run() {
    const auto self = shared_from_this();
    std::string reason = co_await connect();
    if (reason.empty() && target_.tls)
        reason = co_await begin_tls();
    if (reason.empty() && !closed_) {
        prepare(socket_);
        client_.connected(now());
        events_.connected();
        asio::co_spawn(
            socket_.get_executor(), [self] { return self->send(); }, asio::detached);
        asio::co_spawn(
            socket_.get_executor(), [self] { return self->watch(); }, asio::detached);
        reason = co_await receive();
    }
    close();
    co_return reason;
}

asio::awaitable<std::string> Link::connect() {
    error_code error;
    looking_up_ = true;
    const auto endpoints = co_await resolver_.async_resolve(target_.address, target_.port,
                                                            asio::redirect_error(asio::use_awaitable, error));
    looking_up_ = false;
    if (error)
        co_return "cannot find " + target_.address + ": " + error.message();
    for (const tcp::endpoint endpoint : endpoints) {
        if (closed_)
            break;
        socket_.close(error);
        const unsigned attempt = ++attempt_;
        late_ = false;
        watch_timer_.expires_at(time_point(now() + connect_limit));
        watch_timer_.async_wait([self = shared_from_this(), attempt](error_code canceled) {
            if (canceled || self->attempt_ != attempt)
                return;
            self->late_ = true;
            error_code ignored;
            self->socket_.close(ignored);
        });
        co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
        ++attempt_;
        watch_timer_.cancel();
        if (!error && socket_.is_open())
            co_return "";
        if (late_)
            error = asio::error::timed_out;
    }
    co_return "cannot connect to " + target_.text() + ": " + error.message();
}

asio::awaitable<std::string> Link::begin_tls() {
    tls_.emplace(*target_.tls);
    late_ = false;
    watch_timer_.expires_at(time_point(now() + tls_limit));
    watch_timer_.async_wait([self = shared_from_this(), attempt = attempt_](error_code canceled) {
        if (canceled || self->attempt_ != attempt)
            return;
        self->late_ = true;
        error_code ignored;
        self->socket_.close(ignored);
    });
    error_code error;
    while (true) {
        encrypted_ = tls_->take_output();
        co_await asio::async_write(socket_, asio::buffer(encrypted_),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error || tls_->failed() || tls_->established())
            break;
        const std::size_t count = co_await socket_.async_read_some(
            asio::buffer(in_), asio::redirect_error(asio::use_awaitable, error));
        if (error)
            break;
        tls_->receive(std::span(reinterpret_cast<const std::uint8_t*>(in_.data()), count));
    }
    ++attempt_;
    watch_timer_.cancel();
    if (tls_->established() && !error)
        co_return "";
    co_return "no TLS with " + target_.text() + ": " +
        (late_            ? "no answer"
         : tls_->failed() ? tls_->failure()
                          : error.message());
}

bool Link::receive_bytes(std::span<const char> bytes) {
    if (!tls_)
        return client_.receive({bytes.data(), bytes.size()}, now());
    tls_->receive(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    std::array<std::uint8_t, 16384> text;
    bool robot = true;
    while (const std::size_t count = robot ? tls_->read(text) : 0)
        robot = client_.receive({reinterpret_cast<const char*>(text.data()), count}, now());
    if (tls_->has_output())
        wake();
    return robot;
}

asio::awaitable<std::string> Link::receive() {
    error_code error;
    while (true) {
        const std::size_t count = co_await socket_.async_read_some(
            asio::buffer(in_), asio::redirect_error(asio::use_awaitable, error));
        if (silent_)
            co_return "nothing has come from the robot for 3 s";
        ended_by_robot_ = error == asio::error::eof;
        if (ended_by_robot_)
            co_return "the robot has closed the connection";
        if (error)
            co_return "the connection is lost: " + error.message();
        if (!receive_bytes(std::span(in_).first(count)))
            co_return target_.text() + " is not a robot's";
        events_.received();
        if (tls_ && tls_->failed())
            co_return tls_->failure().empty() ? "the robot has closed the connection"
                                              : "the robot has ended TLS: " + tls_->failure();
    }
}

asio::awaitable<void> Link::send() {
    error_code error;
    while (socket_.is_open()) {
        co_await socket_.async_wait(tcp::socket::wait_write,
                                    asio::redirect_error(asio::use_awaitable, error));
        if (error)
            co_return;
        out_.clear();
        client_.compose(out_, now(), wall_clock_ms());
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(out_.data());
        std::size_t size = out_.size();
        if (tls_) {
            tls_->write(std::span(bytes, size));
            encrypted_ = tls_->take_output();
            bytes = encrypted_.data();
            size = encrypted_.size();
        }
        if (size > 0) {
            co_await asio::async_write(socket_, asio::buffer(bytes, size),
                                       asio::redirect_error(asio::use_awaitable, error));
            if (error)
                co_return;
            continue;
        }
        if (client_.has_left()) {
            // The robot reads to the end, IDLE included, and closes.
            socket_.shutdown(tcp::socket::shutdown_send, error);
            co_return;
        }
        sender_timer_.expires_at(time_point(client_.due()));
        co_await sender_timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
}

asio::awaitable<void> Link::watch() {
    error_code error;
    while (socket_.is_open()) {
        const Nanoseconds deadline = client_.silent_at();
        if (now() >= deadline) {
            silent_ = true;
            close();
            co_return;
        }
        watch_timer_.expires_at(time_point(deadline));
        co_await watch_timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
}

}  // namespace runtime::station
