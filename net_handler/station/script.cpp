#include "net_handler/station/script.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "net_handler/protocol/mode_line.hpp"
#include "net_handler/station/printer.hpp"

namespace runtime::station {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr Nanoseconds print_period = 100 * millisecond;
/// For the robot to say in its log that it has taken the mode.
constexpr auto mode_limit = std::chrono::seconds(10);
/// For IDLE to go out and the robot to close the connection.
constexpr auto leave_limit = std::chrono::seconds(1);

std::uint64_t wall_clock_ms() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

}  // namespace

Script::Script(asio::io_context& loop, const Target& target, const Orders& orders)
    : loop_(loop),
      target_(target),
      orders_(orders),
      link_(std::make_shared<Link>(loop, target, client_, static_cast<LinkEvents&>(*this))),
      signals_(loop, SIGINT, SIGTERM, SIGHUP),
      timer_(loop) {}

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
    fail("the robot has not taken " + std::string(net::name_of(*orders_.mode)) + why);
    leave();
}

void Script::received() {
    if (!began_ && !leaving_) {
        if (client_.picture().mode == orders_.mode)
            begin();
        else if (client_.picture().mode_refused)
            refused(": field control is connected and decides");
    }
    if (orders_.print == Orders::Print::devices)
        print_devices();
    if (orders_.print == Orders::Print::logs)
        print_logs();
}

void Script::print_devices() {
    const Picture& picture = client_.picture();
    if (leaving_ || picture.device_packets == printed_packets_ || now() < print_due_)
        return;
    printed_packets_ = picture.device_packets;
    print_due_ = now() + print_period;
    write(orders_.json ? devices_as_json(picture.devices, wall_clock_ms())
                       : devices_as_text(picture.devices));
    if (!orders_.duration)
        leave();
}

void Script::print_logs() {
    const Picture& picture = client_.picture();
    std::string text;
    const std::uint64_t unseen = picture.log_lines - std::exchange(printed_lines_, picture.log_lines);
    for (std::size_t i = picture.log.size() - std::min<std::size_t>(unseen, picture.log.size());
         i < picture.log.size(); ++i)
        text += orders_.json ? log_line_as_json(picture.log[i], wall_clock_ms()) : picture.log[i] + '\n';
    if (!text.empty())
        write(text);
}

void Script::write(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return;
    fail("standard output is gone");
    leave();
}

void Script::leave() {
    if (std::exchange(leaving_, true))
        return;
    if (!connected_)
        return link_->close();
    client_.leave();
    link_->wake();
    after(leave_limit, [this] { link_->close(); });
}

void Script::ended(const std::string& reason) {
    if (!leaving_)
        fail(connected_ ? target_.text() + ": " + reason : reason);
    loop_.stop();
}

void Script::fail(const std::string& text) {
    std::cerr << "station: " << text << '\n';
    status_ = 1;
}

}  // namespace runtime::station
