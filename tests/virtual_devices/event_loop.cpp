#include "tests/virtual_devices/event_loop.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace runtime::virtual_devices {
namespace {

namespace asio = boost::asio;

constexpr Nanoseconds tick_period = millisecond;
/// While no device is enabled, nothing has to happen often.
constexpr Nanoseconds slow_period = 10 * millisecond;

/// Of a port that does not tell of its openings; no key is negative.
constexpr int no_key = -1;

/// More than this without being answered is no command but noise.
constexpr std::size_t largest_command = 1 << 20;

int duplicate(int descriptor) {
    return fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

}  // namespace

EventLoop::EventLoop(Simulation& simulation)
    : simulation_(simulation),
      commands_(simulation),
      signals_(context_, SIGTERM, SIGINT, SIGHUP),
      timer_(context_),
      openings_(context_, duplicate(open_watch_.descriptor())),
      input_(context_) {
    // Nobody to answer is no reason to end and leave the links behind.
    std::signal(SIGPIPE, SIG_IGN);
    // A regular file or /dev/null cannot be waited for: then there are no commands.
    boost::system::error_code error;
    const int descriptor = duplicate(STDIN_FILENO);
    input_.assign(descriptor, error);
    if (error && descriptor >= 0)
        close(descriptor);
    watch_ports();
}

void EventLoop::run() {
    signals_.async_wait([this](const auto&, int) { context_.stop(); });
    wait_for_openings();
    if (input_.is_open())
        wait_for_commands();
    next_tick_ = now();
    wait_for_tick();
    context_.run();
}

void EventLoop::watch_ports() {
    while (ports_.size() < simulation_.links().size())
        ports_.emplace_back(context_);
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        Link& link = simulation_.links()[i];
        if (ports_[i].plug_count != link.plug_count()) {
            forget(ports_[i]);
            ports_[i].plug_count = link.plug_count();
            if (link.port() != nullptr)
                watch(i);
        }
        // After stop-reading has ended.
        if (ports_[i].descriptor.is_open() && !ports_[i].waiting && !link.faults().stop_reading)
            wait_for_port(i);
    }
}

void EventLoop::watch(std::size_t index) {
    const Port& port = *simulation_.links()[index].port();
    ports_[index].open_key = port.tells_openings() ? open_watch_.add(port) : no_key;
    ports_[index].descriptor.assign(duplicate(port.descriptor()));
}

void EventLoop::forget(Watched& watched) {
    if (!watched.descriptor.is_open())
        return;
    if (watched.open_key != no_key)
        open_watch_.remove(watched.open_key);
    boost::system::error_code ignored;
    watched.descriptor.close(ignored);
    watched.waiting = false;
}

void EventLoop::wait_for_port(std::size_t index) {
    ports_[index].waiting = true;
    const std::uint64_t plug_count = ports_[index].plug_count;
    ports_[index].descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                        [this, index, plug_count](const auto& error) {
                                            if (error || ports_[index].plug_count != plug_count)
                                                return;
                                            ports_[index].waiting = false;
                                            // Who writes has opened before: in this order a board that
                                            // restarts on opening loses the bytes.
                                            take_openings();
                                            simulation_.links()[index].read_port(now());
                                            hurry();
                                            if (!simulation_.links()[index].faults().stop_reading)
                                                wait_for_port(index);
                                            answer_commands();
                                        });
}

void EventLoop::wait_for_openings() {
    openings_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const auto& error) {
        if (error)
            return;
        take_openings();
        wait_for_openings();
    });
}

void EventLoop::take_openings() {
    open_watch_.take([this](int key, bool opened) {
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            if (!ports_[i].descriptor.is_open() || ports_[i].open_key != key)
                continue;
            if (opened)
                simulation_.links()[i].host_opened(now());
            else
                simulation_.links()[i].host_closed();
        }
    });
}

void EventLoop::wait_for_tick() {
    timer_.expires_at(asio::steady_timer::time_point(std::chrono::nanoseconds(next_tick_)));
    timer_.async_wait([this](const auto& error) {
        if (!error)
            tick();
    });
}

void EventLoop::tick() {
    const Nanoseconds time = now();
    simulation_.tick(time);
    slow_ = !simulation_.active();
    const Nanoseconds period = slow_ ? slow_period : tick_period;
    next_tick_ = std::max(next_tick_ + period, time);
    wait_for_tick();
    answer_commands();
}

/// Called when a device may have become active: the next tick is due now and not in slow_period.
void EventLoop::hurry() {
    if (!slow_ || !simulation_.active())
        return;
    slow_ = false;
    next_tick_ = now();
    wait_for_tick();
}

void EventLoop::wait_for_commands() {
    input_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const auto& error) {
        std::array<char, 4096> buffer;
        // One read of what is there: it does not wait, whatever mode others have left the descriptor in.
        const ssize_t length = error ? 0 : read(input_.native_handle(), buffer.data(), buffer.size());
        if (length <= 0)
            return;
        typed_.append(buffer.data(), static_cast<std::size_t>(length));
        answer_commands();
        if (typed_.size() > largest_command) {
            say("error a command is too long");
            typed_.clear();
        }
        wait_for_commands();
    });
}

void EventLoop::answer_commands() {
    if (const auto answer = commands_.poll(now()))
        say(*answer);
    while (!commands_.awaiting()) {
        const auto end = typed_.find('\n');
        if (end == std::string::npos)
            return;
        const std::string line = typed_.substr(0, end);
        typed_.erase(0, end + 1);
        const auto answer = commands_.execute(line, now());
        watch_ports();
        hurry();
        if (answer)
            say(*answer);
        if (commands_.quit())
            context_.stop();
    }
}

void EventLoop::say(const std::string& answer) {
    const std::string line = answer + "\n";
    if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        spdlog::warn("an answer could not be written whole to stdout");
}

}  // namespace runtime::virtual_devices
