#include "net_handler/station/interactive.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>

#include "net_handler/station/screen.hpp"

namespace runtime::station {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Between two frames: a slow line (ssh over a crowded field) carries them, and eyes see no more.
constexpr auto draw_period = std::chrono::milliseconds(50);
/// For IDLE to go out and the robot to close the connection.
constexpr auto quit_limit = std::chrono::seconds(1);
constexpr std::size_t page = 10;

}  // namespace

Interactive::Interactive(asio::io_context& loop, const Target& target)
    : loop_(loop),
      target_(target),
      signals_(loop, SIGINT, SIGTERM, SIGHUP),
      retry_timer_(loop),
      keys_timer_(loop),
      draw_timer_(loop),
      terminal_(loop, [this] { draw_soon(); }) {
    signals_.add(SIGQUIT);
}

void Interactive::run() {
    for (const auto task :
         {&Interactive::stay_connected, &Interactive::read_keys, &Interactive::watch_signals})
        asio::co_spawn(
            loop_, [this, task] { return (this->*task)(); }, asio::detached);
    draw_soon();
    loop_.run();
}

asio::awaitable<void> Interactive::stay_connected() {
    error_code error;
    while (!quitting_) {
        connection_ = connection_.empty() ? "connecting …" : connection_ + "; connecting …";
        draw_soon();
        link_ = std::make_shared<Link>(loop_, target_, client_, static_cast<LinkEvents&>(*this));
        const std::string reason = co_await link_->run();
        connected_ = false;
        if (quitting_)
            break;
        connection_ = reason;
        draw_soon();
        retry_timer_.expires_after(std::chrono::nanoseconds(retry_.ended(now())));
        co_await retry_timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
    loop_.stop();
}

void Interactive::connected() {
    connected_ = true;
    retry_.connected(now());
    connection_ = "connected";
    held_.clear();
    press_held_keys();
    draw_soon();
}

asio::awaitable<void> Interactive::read_keys() {
    while (true) {
        const std::string_view typed = co_await terminal_.read();
        if (typed.empty())
            break;
        for (const Wish& wish : input_.receive(typed, now()))
            fulfil(wish);
        press_held_keys();
        draw_soon();
    }
    quit();
}

void Interactive::fulfil(const Wish& wish) {
    switch (wish.kind) {
        case Wish::Kind::press:
            held_.press(wish.bit, now());
            break;
        case Wish::Kind::autonomous:
            set_mode(RunMode::autonomous);
            break;
        case Wish::Kind::teleop:
            set_mode(RunMode::teleop);
            break;
        case Wish::Kind::stop:
            held_.clear();
            set_mode(RunMode::idle);
            break;
        case Wish::Kind::up:
            first_row_of_devices_ -= std::min(first_row_of_devices_, page);
            break;
        case Wish::Kind::down:
            first_row_of_devices_ = std::min(first_row_of_devices_ + page, max_device_rows);
            break;
        case Wish::Kind::quit:
            quit();
            break;
    }
}

void Interactive::set_mode(RunMode mode) {
    if (!connected_)
        return;
    client_.set_mode(mode);
    link_->wake();
}

void Interactive::press_held_keys() {
    const Nanoseconds time = now();
    client_.press({held_.at(time), std::nullopt});
    if (connected_)
        link_->wake();
    const Nanoseconds deadline = held_.deadline(time);
    if (deadline == 0)
        return;
    keys_timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(deadline)));
    keys_timer_.async_wait([this](error_code error) {
        if (error)
            return;
        press_held_keys();
        draw_soon();
    });
}

asio::awaitable<void> Interactive::watch_signals() {
    error_code error;
    co_await signals_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    quit();
}

void Interactive::draw_soon() {
    if (std::exchange(draw_pending_, true))
        return;
    draw_timer_.expires_at(std::max(draw_timer_.expiry() + draw_period, std::chrono::steady_clock::now()));
    draw_timer_.async_wait([this](error_code error) {
        if (error)
            return;
        draw_pending_ = false;
        draw();
    });
}

void Interactive::draw() {
    const std::string robot = target_.text();
    terminal_.show(frame_of(screen_rows(
        {robot, connection_, connected_, client_.picture(), held_.at(now()), first_row_of_devices_},
        terminal_.size())));
}

void Interactive::quit() {
    if (std::exchange(quitting_, true))
        return;
    if (!connected_)
        return loop_.stop();
    client_.leave();
    link_->wake();
    retry_timer_.expires_after(quit_limit);
    retry_timer_.async_wait([this](error_code error) {
        if (!error)
            loop_.stop();
    });
}

}  // namespace runtime::station
