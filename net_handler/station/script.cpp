#include "net_handler/station/script.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <csignal>
#include <iostream>

#include "net_handler/clocks.hpp"
#include "net_handler/protocol/mode_line.hpp"
#include "net_handler/station/printer.hpp"

namespace runtime::station {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr Nanoseconds print_period = 100 * millisecond;
/// For the robot to say that it has taken the mode.
constexpr auto mode_limit = std::chrono::seconds(10);
/// For IDLE to go out and the robot to close the connection.
constexpr auto leave_limit = std::chrono::seconds(3);
/// For whoever reads the output to take the rest of it.
constexpr auto print_limit = std::chrono::seconds(1);

}  // namespace

Script::Script(asio::io_context& loop, const Target& target, const Orders& orders)
    : loop_(loop),
      target_(target),
      orders_(orders),
      link_(std::make_shared<Link>(loop, target, client_, static_cast<LinkEvents&>(*this))),
      signals_(loop, SIGINT, SIGTERM, SIGHUP),
      timer_(loop),
      output_(loop) {}

int Script::run() {
    std::signal(SIGPIPE, SIG_IGN);  // whoever reads what is printed may go
    signals_.async_wait([this](error_code error, int) {
        if (!error)
            leave();
    });
    asio::co_spawn(
        loop_,
        [this]() -> asio::awaitable<void> {
            const auto link = link_;
            ended(co_await link->run());
        },
        asio::detached);
    loop_.run();
    return status_;
}

void Script::connected() {
    connected_ = true;
    client_.press(orders_.inputs);
    if (!orders_.mode)
        return begin();
    client_.set_mode(*orders_.mode);
    after(mode_limit, [this] { refused(""); });
}

void Script::begin() {
    began_ = true;
    timer_.cancel();
    if (orders_.duration)
        after(std::chrono::nanoseconds(*orders_.duration), [this] { leave(); });
}

void Script::after(std::chrono::nanoseconds time, std::function<void()> action) {
    timer_.expires_after(time);
    timer_.async_wait([action = std::move(action)](error_code error) {
        if (!error)
            action();
    });
}

void Script::refused(const std::string& why) {
    fail("the robot has not taken " + std::string(name_of(*orders_.mode)) + why);
    leave();
}

void Script::displaced(RunMode mode) {
    fail("the robot is no longer in " + std::string(name_of(*orders_.mode)) + " but in " +
         std::string(name_of(mode)) + ": somebody else, or a lost connection, has changed it");
    leave();
}

void Script::received() {
    const Picture& picture = client_.picture();
    if (!leaving_ && orders_.mode) {
        const bool as_ordered = picture.mode && picture.mode->mode == orders_.mode;
        if (!began_ && as_ordered)
            begin();
        else if (!began_ && picture.mode_refused)
            refused(": field control is connected and decides");
        else if (began_ && !as_ordered)
            displaced(picture.mode->mode);
    }
    print();
}

void Script::print() {
    if (output_.busy() || orders_.print == Orders::Print::nothing)
        return;
    std::string text = orders_.print == Orders::Print::devices ? devices_to_print() : logs_to_print();
    if (!text.empty())
        output_.write(std::move(text), [this](bool all) { printed(all); });
}

void Script::printed(bool all) {
    if (!all) {
        orders_.print = Orders::Print::nothing;
        fail("standard output is gone");
        leave();
    } else if (orders_.print == Orders::Print::devices && !orders_.duration) {
        leave();
    } else {
        print();
    }
    if (ended_ && !output_.busy())
        loop_.stop();
}

std::string Script::devices_to_print() {
    const Picture& picture = client_.picture();
    if (leaving_ || picture.device_packets == printed_packets_ || now() < print_due_)
        return {};
    printed_packets_ = picture.device_packets;
    print_due_ = now() + print_period;
    return orders_.json ? devices_as_json(picture.devices, net::wall_clock_ms())
                        : devices_as_text(picture.devices);
}

std::string Script::logs_to_print() {
    const Picture& picture = client_.picture();
    const std::uint64_t unseen = picture.log_lines - std::exchange(printed_lines_, picture.log_lines);
    const std::size_t kept = std::min<std::size_t>(unseen, picture.log.size());
    std::string text;
    const auto add = [&](const std::string& line) {
        text += orders_.json ? log_line_as_json(line, net::wall_clock_ms()) : line + '\n';
    };
    if (kept < unseen)
        add("… " + std::to_string(unseen - kept) + " lines lost");
    for (std::size_t i = picture.log.size() - kept; i < picture.log.size(); ++i)
        add(picture.log[i]);
    return text;
}

void Script::leave() {
    if (std::exchange(leaving_, true))
        return;
    if (!connected_) {
        link_->close();
        if (link_->looking_up())
            loop_.stop();
        return;
    }
    client_.leave();
    link_->wake();
    after(leave_limit, [this] { link_->close(); });
}

void Script::ended(const std::string& reason) {
    ended_ = true;
    if (!leaving_)
        fail(connected_ ? target_.text() + ": " + reason : reason);
    else if (connected_ && !link_->left_cleanly())
        fail("the robot did not confirm that it has read IDLE: " + reason);
    leaving_ = true;
    print();
    if (!output_.busy())
        return loop_.stop();
    after(print_limit, [this] {
        fail("standard output is not read; the end is missing");
        loop_.stop();
    });
}

void Script::fail(const std::string& text) {
    std::cerr << "station: " << text << '\n';
    status_ = 1;
}

}  // namespace runtime::station
