#include "shm_wrapper/runtime/watch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <vector>

#include "shm_wrapper/runtime/watch_screen.hpp"

namespace runtime::overview {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Between two looks. Values change a thousand times a second, eyes and lines over ssh do not follow.
constexpr auto look_period = std::chrono::milliseconds(250);

}  // namespace

Watch::Watch(asio::io_context& loop, std::string instance)
    : loop_(loop),
      collector_(std::move(instance)),
      look_timer_(loop),
      signals_(loop, SIGINT, SIGTERM, SIGHUP),
      terminal_(loop, [this] { draw(); }) {
    signals_.add(SIGQUIT);
}

void Watch::run() {
    for (const auto task : {&Watch::look_again, &Watch::read_keys, &Watch::watch_signals})
        asio::co_spawn(
            loop_, [this, task] { return (this->*task)(); }, asio::detached);
    loop_.run();
}

asio::awaitable<void> Watch::look_again() {
    error_code error;
    while (!error) {
        snapshot_ = collector_.look();
        draw();
        look_timer_.expires_after(look_period);
        co_await look_timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
}

asio::awaitable<void> Watch::read_keys() {
    while (true) {
        const std::string_view typed = co_await terminal_.read();
        const WatchWish wish = wish_from(typed);
        if (typed.empty() || wish.quit)
            break;
        const auto rows = static_cast<std::size_t>(std::abs(wish.rows));
        first_row_ = wish.rows < 0 ? first_row_ - std::min(first_row_, rows) : first_row_ + rows;
        draw();  // bounds it
    }
    loop_.stop();
}

asio::awaitable<void> Watch::watch_signals() {
    error_code error;
    co_await signals_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    loop_.stop();
}

void Watch::draw() {
    terminal_.show(frame_of(watch_rows(snapshot_, terminal_.size(), first_row_)));
}

}  // namespace runtime::overview
