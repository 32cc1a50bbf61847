// A whole robot whose motor turns and whose student code counts, while daemons, student code, devices and
// clients are killed, stopped and started again at random. RUNTIME_CHAOS_SECONDS says for how long,
// RUNTIME_CHAOS_SEED repeats the order of what is done.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>

#include "tests/scenario/survival/watched_robot.hpp"
#include "tests/support/sanitizer.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

/// What the gate promises.
constexpr Nanoseconds promise = 100 * millisecond;
/// When inputs that stop coming are stale at the latest.
constexpr Nanoseconds stale_inputs = 500 * millisecond;
/// What the firmware of a device promises where nothing feeds it.
constexpr Nanoseconds watchdog = second;
/// Steps between two checks of what is left behind.
constexpr int steps_between_rests = 6;
/// Without the end of a daemon what it leaks adds up: steps until it has all the memory that it needs, steps
/// in which it may grow, and by how much.
constexpr int first_steps = 10;
constexpr int steps_together = 30;
constexpr double growth_together = 0.5;

enum class Ending { kill, terminate, stop_and_continue, stop_and_kill };

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

class Chaos {
  public:
    explicit Chaos(std::uint64_t seed) : random_(seed) {}

    void go_on_until(Nanoseconds end) {
        while (now() < end) {
            step([this] { disturb(); });
            if (steps_ % steps_between_rests == 0)
                robot_.check_at_rest();
        }
        robot_.drive(::RunMode::TELEOP);
        robot_.check_at_rest();
    }

    void end_no_daemon() {
        for (int i = 0; i < first_steps; ++i)
            step([this] { disturb_around(); });
        robot_.measure_memory_anew();
        robot_.check_at_rest();
        for (int i = 0; i < steps_together; ++i)
            step([this] { disturb_around(); });
        robot_.check_at_rest(growth_together);
    }

    std::string summary() const { return std::to_string(steps_) + " disturbances, " + robot_.summary(); }

  private:
    void step(const std::function<void()>& disturbance) {
        mode_ = chance(0.5) ? ::RunMode::TELEOP : ::RunMode::AUTO;
        robot_.drive(mode_);
        robot_.go_on(any(0, 50) * millisecond);
        disturbance();
        robot_.check_alive();
        ++steps_;
    }

    void disturb() {
        switch (any(0, 9)) {
            case 0:
            case 1:
            case 2:
                return end_daemons({all_daemons[std::size_t(any(0, 2))]}, any_ending());
            case 3: {
                std::vector<Daemon> two(all_daemons.begin(), all_daemons.end());
                two.erase(two.begin() + any(0, 2));
                return end_daemons(two, any_ending());
            }
            case 4:
                return end_daemons({all_daemons.begin(), all_daemons.end()}, any_ending());
            default:
                return disturb_around();
        }
    }

    /// What ends no daemon.
    void disturb_around() {
        switch (any(0, 4)) {
            case 0:
                return end_student_code();
            case 1:
                return silence_driver_station();
            case 2:
            case 3:
                return end_mode();
            default:
                return trouble_device();
        }
    }

    Ending any_ending() {
        static constexpr std::array all{Ending::kill, Ending::kill, Ending::terminate,
                                        Ending::stop_and_continue, Ending::stop_and_kill};
        return all[std::size_t(any(0, all.size() - 1))];
    }

    void end_daemons(const std::vector<Daemon>& daemons, Ending ending) {
        static constexpr std::array words{"kill", "terminate", "stop and continue", "stop and kill"};
        const auto has = [&](Daemon daemon) {
            return std::find(daemons.begin(), daemons.end(), daemon) != daemons.end();
        };
        std::string what = words[std::size_t(ending)];
        for (const Daemon daemon : daemons)
            what += " " + std::string(name_of(daemon));
        robot_.note(what);

        const bool stopped = ending == Ending::stop_and_continue || ending == Ending::stop_and_kill;
        const auto waits = robot_.waits();
        for (const Daemon daemon : daemons)
            robot_.services().signal(daemon, stopped                       ? SIGSTOP
                                             : ending == Ending::terminate ? SIGTERM
                                                                           : SIGKILL);
        const Nanoseconds since = now();
        const bool ended = ending != Ending::stop_and_continue;
        if (!stopped && has(Daemon::net_handler))
            robot_.forget_driver_station();
        robot_.go_on(any(0, has(Daemon::dev_handler) ? 1500 : 400) * millisecond);
        if (chance(0.5) && !has(Daemon::dev_handler))
            robot_.go_on_past({since, promise}, waits);
        Nanoseconds until = now();
        if (has(Daemon::dev_handler) && ending != Ending::terminate) {
            if (!robot_.moves_unwatched())
                robot_.check({robot_.fed(), watchdog}, until, waits);
        } else {
            robot_.check({since, promise}, until, waits);
        }

        if (ending == Ending::stop_and_continue) {
            for (const Daemon daemon : daemons)
                robot_.services().signal(daemon, SIGCONT);
            return go_on_by_itself();
        }
        if (stopped)
            for (const Daemon daemon : daemons)
                robot_.services().kill(daemon);
        if (has(Daemon::net_handler))
            robot_.forget_driver_station();
        robot_.note("start again");
        robot_.services().start_what_ended();
        robot_.services().await_ready();
        const Nanoseconds ready = now();
        if (!has(Daemon::net_handler))
            return go_on_by_itself();
        // A robot whose net_handler was started again is idle until somebody starts a mode.
        if (chance(0.5))
            robot_.connect();
        robot_.go_on(any(0, 200) * millisecond);
        until = now();
        robot_.check({has(Daemon::dev_handler) && ended ? ready : since, promise}, until, waits);
    }

    /// The mode goes on, and so does the motor, unless somebody is quicker.
    void go_on_by_itself() {
        if (!chance(0.5))
            return;
        robot_.note("drive on");
        robot_.await_motion();
    }

    void end_student_code() {
        robot_.note("kill the student process");
        const auto waits = robot_.waits();
        const StudentState state = robot_.student().state.read();
        if (state.pid <= 0)
            robot_.fail("there is no student process");
        kill(state.pid, SIGKILL);
        const Nanoseconds since = now();
        robot_.go_on(any(0, 300) * millisecond);
        if (chance(0.5))
            robot_.go_on_past({since, promise}, waits);
        robot_.check({since, promise}, now(), waits);
    }

    void silence_driver_station() {
        robot_.note("stop the driver station");
        const auto waits = robot_.waits();
        robot_.listen(false);
        const Nanoseconds since = now();
        robot_.go_on(any(0, 1200) * millisecond);
        if (mode_ == ::RunMode::TELEOP)
            robot_.check({since, stale_inputs}, now(), waits);
        robot_.note("continue the driver station");
        robot_.listen(true);
        go_on_by_itself();
    }

    void end_mode() {
        const auto waits = robot_.waits();
        switch (any(0, 4)) {
            case 0:
                robot_.note("IDLE");
                robot_.driver_station().set_mode(::RunMode::IDLE);
                break;
            case 1:
                robot_.note("IDLE, and the driver station is closed");
                robot_.driver_station().set_mode(::RunMode::IDLE);
                robot_.forget_driver_station();
                break;
            case 2:
                robot_.note("kill the driver station");
                robot_.forget_driver_station();
                break;
            case 3: {
                robot_.note("IDLE of field control");
                DriverStation shepherd(robot_.services().port(), DriverStation::Kind::shepherd);
                shepherd.set_mode(::RunMode::IDLE);
                break;
            }
            default:
                robot_.note("another driver station takes its place");
                const DriverStation other(robot_.services().port());
                robot_.forget_driver_station();
        }
        const Nanoseconds since = now();
        robot_.go_on(any(0, 300) * millisecond);
        if (chance(0.5))
            robot_.go_on_past({since, promise}, waits);
        robot_.check({since, promise}, now(), waits);
    }

    void trouble_device() {
        static constexpr std::array faults{"silence", "stop-reading", "wrong-checksum"};
        VirtualDevices& devices = robot_.devices();
        const int which = any(0, 5);
        if (which == 0) {
            robot_.note("unplug the motor");
            devices.command("unplug 0");
            robot_.go_on(any(0, 300) * millisecond);
            robot_.note("plug it in again");
            devices.command("replug 0");
        } else if (which <= 2) {
            const std::string how = which == 1 ? "power-cycle" : "reset";
            robot_.note(how + " the motor");
            devices.command(how + " 0");
            // Firmware takes commands before it is enabled again, and has no watchdog until then: if
            // dev_handler died in that quarter of a second, nobody could stop the motor.
            robot_.await("the motor's device is enabled again", [&] { return robot_.enabled(); });
        } else {
            const std::string fault = faults[std::size_t(which - 3)];
            robot_.note(fault + " of the motor");
            devices.command(fault + " 0");
            robot_.go_on(any(0, 1500) * millisecond);
            devices.command(fault + " 0 off");
        }
        go_on_by_itself();
    }

    bool chance(double part) { return std::bernoulli_distribution(part)(random_); }
    int any(int first, std::size_t last) {
        return std::uniform_int_distribution<int>(first, static_cast<int>(last))(random_);
    }

    std::mt19937_64 random_;
    WatchedRobot robot_;
    ::RunMode::Mode mode_ = ::RunMode::IDLE;
    int steps_ = 0;
};

}  // namespace

TEST_CASE(
    "whatever is killed, stopped or started again at any time, nothing moves without permission, "
    "no line or value is lost or torn, nothing is left behind, and the robot drives again") {
    const std::uint64_t seed = number_from_environment("RUNTIME_CHAOS_SEED", std::random_device{}());
    const auto seconds =
        static_cast<Nanoseconds>(number_from_environment("RUNTIME_CHAOS_SECONDS", sanitized() ? 20 : 60));
    INFO("RUNTIME_CHAOS_SEED=" << seed);
    Chaos chaos(seed);
    chaos.go_on_until(now() + seconds * second);
    if (!sanitized())
        chaos.end_no_daemon();
    std::cout << chaos.summary() << '\n';
}
