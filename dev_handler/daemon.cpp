#include "dev_handler/daemon.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>
#include <set>
#include <utility>

#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/service.hpp"

namespace runtime::dev_handler {
namespace {

/// How long the end waits for the good-byes to leave the kernel.
constexpr Nanoseconds good_bye_limit = 50 * millisecond;

}  // namespace

Daemon::Daemon(const std::string& instance, BlockWatch blocks, std::vector<std::string> port_patterns,
               Nanoseconds scan_period)
    : blocks_(std::move(blocks)),
      devices_(instance),
      wire_(instance),
      types_(instance),
      robot_(instance),
      student_(instance),
      commands_(instance),
      context_(1),
      signals_(context_, SIGTERM, SIGINT),
      timer_(context_),
      catalog_(devices_, types_->types),
      scan_period_(scan_period),
      scanner_(std::move(port_patterns)),
      port_events_(context_, scanner_.descriptor()),
      opened_ports_(context_, opener_.descriptor()),
      watcher_({&robot_->state.sequence_word(), &student_->state.sequence_word(), &commands_->changed.word()},
               &devices_->header.waiting),
      changes_(context_, watcher_.descriptor()) {
    intake_.skip(*commands_);
}

Daemon::~Daemon() {
    // The descriptors are their owners' to close.
    port_events_.release();
    opened_ports_.release();
    changes_.release();
}

int Daemon::run() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
        if (!error)
            shut_down();
    });
    const Nanoseconds time = now();
    devices_.beat(time);
    next_heartbeat_ = time + heartbeat_period;
    evaluate(time);
    scan(time);
    wait_for_changes();
    wait_for_ports();
    wait_for_opened_ports();
    touch();
    notify_ready();
    spdlog::info("ready: {} ports found", links_.size());
    context_.run();
    return exit_status_;
}

void Daemon::wait_for_changes() {
    changes_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                        PlacedHandler(watcher_memory_, [this](const boost::system::error_code& error) {
                            if (error)
                                return;
                            watcher_.acknowledge();
                            evaluate(now());
                            touch();
                            wait_for_changes();
                        }));
}

void Daemon::wait_for_ports() {
    port_events_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                            [this](const boost::system::error_code& error) {
                                if (error)
                                    return;
                                const auto events = scanner_.read_events();
                                const Nanoseconds time = now();
                                if (events.rescan)
                                    scan(time);
                                for (const auto& path : events.touched)
                                    if (const auto link = links_.find(path); link != links_.end())
                                        link->second->try_now();
                                touch();
                                wait_for_ports();
                            });
}

void Daemon::wait_for_opened_ports() {
    opened_ports_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                             [this](const boost::system::error_code& error) {
                                 if (error)
                                     return;
                                 opener_.deliver();
                                 touch();
                                 wait_for_opened_ports();
                             });
}

void Daemon::scan(Nanoseconds time) {
    next_scan_ = time + scan_period_;
    const auto found = scanner_.scan();
    std::set<std::string> paths;
    for (const auto& port : found)
        paths.insert(port.path);
    for (auto link = links_.begin(); link != links_.end();) {
        if (paths.count(link->first) != 0) {
            ++link;
            continue;
        }
        link->second->vanish(time);
        link = links_.erase(link);
    }
    for (const auto& port : found) {
        auto& link = links_[port.path];
        if (!link) {
            link = std::make_shared<DeviceLink>(static_cast<LinkHost&>(*this), port.path, port.identity);
            link->try_now();
        } else if (link->identity() != port.identity) {
            link->replace(port.identity, time);
        }
    }
}

void Daemon::evaluate(Nanoseconds time) {
    // Commands first: one that follows a change of mode must not be judged by the mode before.
    const std::uint32_t changed = intake_.take(*commands_);
    // A heartbeat vouches only for a state that is read after it.
    const bool net_handler_alive = fresh(robot_->header, time);
    const bool executor_alive = fresh(student_->header, time);
    RobotState robot{};
    StudentState student{};
    const bool readable = robot_->state.read(robot) && student_->state.read(student);
    const bool teleop_input = robot.gamepad_connected || robot.keyboard_connected;
    GateConditions conditions;
    if (readable)
        conditions = {robot.mode,
                      teleop_input,
                      net_handler_alive,
                      executor_alive,
                      student.phase == StudentPhase::running,
                      robot.run_id,
                      student.run_id};
    time_ = time;
    const GateState before = control_.gate();
    control_.update(conditions, robot, intake_, changed, catalog_.slots(), time, *this);
    for (std::uint32_t slots = std::exchange(commanded_slots_, 0), slot = 0; slots != 0; slots >>= 1, ++slot)
        if (DeviceLink* link = (slots & 1U) != 0 ? catalog_.link(slot) : nullptr)
            link->flush(time);
    if (before != GateState::open && control_.gate() == GateState::open)
        spdlog::debug("motion is allowed");
    next_evaluation_ =
        next_look(control_.gate(), time, robot_->header.heartbeat.load(std::memory_order_acquire),
                  student_->header.heartbeat.load(std::memory_order_acquire));
}

void Daemon::stop_all(GateState reason) {
    for (std::size_t slot = 0; slot < max_devices; ++slot)
        if (DeviceLink* link = catalog_.link(slot))
            link->stop(time_);
    const bool expected = reason == GateState::idle || reason == GateState::other_run;
    spdlog::log(expected ? spdlog::level::debug : spdlog::level::warn, "motors are stopped because {}",
                describe(reason));
}

void Daemon::command(std::size_t slot, std::size_t parameter, Value value) {
    if (DeviceLink* link = catalog_.link(slot)) {
        link->command(parameter, value);
        commanded_slots_ |= 1U << slot;
    }
}

void Daemon::refused(std::size_t slot, std::uint32_t parameters, CommandRefusal refusal, bool tell) {
    DeviceLink* link = catalog_.link(slot);
    if (link == nullptr)
        return;
    link->count_refused(parameters);
    if (!tell)
        return;
    if (refusal == CommandRefusal::gate_closed)
        link->log().ignored(parameters, describe(control_.gate()));
    else if (refusal == CommandRefusal::earlier_run)
        link->log().ignored(parameters, describe(refusal));
    else
        link->log().refused(parameters, describe(refusal), time_);
}

void Daemon::touch() {
    if (std::exchange(turn_end_posted_, true))
        return;
    boost::asio::post(context_, PlacedHandler(turn_memory_, [this] { finish_turn(); }));
}

void Daemon::finish_turn() {
    turn_end_posted_ = false;
    if (catalog_.take_freed()) {
        const Nanoseconds time = now();
        for (const auto& [path, link] : links_)
            link->slot_freed(time);
    }
    catalog_.notify(commands_->header.waiting);
    arm(next_deadline());
}

Nanoseconds Daemon::next_deadline() const noexcept {
    Nanoseconds deadline = std::min({next_heartbeat_, next_evaluation_, next_scan_});
    for (const auto& [path, link] : links_)
        deadline = std::min(deadline, link->deadline());
    return deadline;
}

void Daemon::arm(Nanoseconds deadline) {
    // A timer that fires too early costs a turn; setting it anew for every frame would cost more.
    if (armed_ <= deadline)
        return;
    armed_ = deadline;
    timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(deadline)));
    timer_.async_wait(PlacedHandler(timer_memory_, [this](const boost::system::error_code& error) {
        if (!error)
            timer_expired();
    }));
}

void Daemon::timer_expired() {
    armed_ = never;
    const Nanoseconds time = now();
    if (time >= next_heartbeat_) {
        next_heartbeat_ = time + heartbeat_period;
        devices_.beat(time);
        notify_watchdog();
        look_at_blocks(time);
    }
    if (time >= next_evaluation_)
        evaluate(time);
    if (time >= next_scan_)
        scan(time);
    for (const auto& [path, link] : links_)
        if (time >= link->deadline())
            link->advance(time);
    touch();
}

void Daemon::look_at_blocks(Nanoseconds time) {
    if (const auto fault = blocks_.check(time); fault && exit_status_ == 0) {
        spdlog::error("{}", *fault);
        exit_status_ = 1;
        boost::asio::post(context_, [this] { shut_down(); });
    }
}

void Daemon::shut_down() {
    if (std::exchange(shutting_down_, true))
        return;
    notify_stopping();
    const Nanoseconds time = now();
    port_events_.cancel();
    opened_ports_.cancel();
    changes_.cancel();
    timer_.cancel();
    catalog_.end();
    for (const auto& [path, link] : links_)
        link->shut_down(time);
    catalog_.notify(commands_->header.waiting);
    finish_shut_down(time + good_bye_limit);
}

void Daemon::finish_shut_down(Nanoseconds deadline) {
    const bool unsent =
        std::any_of(links_.begin(), links_.end(), [](const auto& link) { return link.second->unsent(); });
    if (unsent && now() < deadline) {
        timer_.expires_after(std::chrono::milliseconds(1));
        timer_.async_wait([this, deadline](const boost::system::error_code&) { finish_shut_down(deadline); });
        return;
    }
    const Nanoseconds time = now();
    for (const auto& [path, link] : links_)
        link->close(time);
    Port::await_closings(time + good_bye_limit);
    spdlog::info("ended; the devices have been reset");
    context_.stop();
}

}  // namespace runtime::dev_handler
