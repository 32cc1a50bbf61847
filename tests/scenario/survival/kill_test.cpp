// What survives what: daemons that are killed, and that hang. It judges times, and has the machine for
// itself.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/scenario/survival/watched_robot.hpp"
#include "tests/support/sanitizer.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

constexpr Nanoseconds promise = 100 * millisecond;
constexpr Nanoseconds watchdog = second;
constexpr Nanoseconds resume_promise = second;

}  // namespace

TEST_CASE(
    "any daemons may be killed at any time: the others go on, the motor stops, and the robot works again") {
    WatchedRobot robot;
    for (unsigned set = 1; set < 8; ++set) {
        std::vector<Daemon> killed;
        std::vector<pid_t> others;
        for (const Daemon daemon : all_daemons)
            if ((set >> static_cast<unsigned>(daemon) & 1) != 0)
                killed.push_back(daemon);
            else
                others.push_back(robot.services()[daemon].pid());
        const auto has = [&](Daemon daemon) {
            return std::find(killed.begin(), killed.end(), daemon) != killed.end();
        };
        robot.drive(::RunMode::TELEOP);
        for (const Daemon daemon : killed)
            robot.note("kill " + std::string(name_of(daemon)));
        const auto waits = robot.waits();
        for (const Daemon daemon : killed)
            robot.services().kill(daemon);
        const Nanoseconds since = now();
        if (has(Daemon::net_handler))
            robot.forget_driver_station();
        if (robot.await_standstill())
            robot.check(has(Daemon::dev_handler) ? Ban{robot.fed(), watchdog} : Ban{since, promise}, now(),
                        waits);

        robot.note("start again");
        const auto waits_of_start = robot.all_waits();
        const Nanoseconds started = now();
        robot.services().start_what_ended();
        robot.services().await_ready();
        if (has(Daemon::net_handler)) {
            robot.connect();
            const Nanoseconds back = now();
            const auto waits_of_rest = robot.waits();
            robot.go_on(300 * millisecond);
            robot.check({back, 0}, now(), waits_of_rest);
            CHECK(robot.mode() == runtime::RunMode::idle);
            if (!sanitized())
                CHECK(back - started < std::max(resume_promise, 3 * robot.services().starting_time()) +
                                           waits_of_start.total());
            robot.drive(::RunMode::TELEOP);
        } else {
            robot.await_motion();
            if (!sanitized())
                CHECK(robot.moving_since() - started <
                      std::max(resume_promise, 3 * robot.services().starting_time()) +
                          waits_of_start.total());
        }
        std::vector<pid_t> others_now;
        for (const Daemon daemon : all_daemons)
            if (!has(daemon))
                others_now.push_back(robot.services()[daemon].pid());
        CHECK(others_now == others);
        robot.check_alive();
        robot.check_at_rest();
    }
}

TEST_CASE("a daemon that hangs stops the motor, and the robot drives on by itself when it goes on") {
    WatchedRobot robot;
    for (const Daemon daemon : all_daemons) {
        robot.drive(::RunMode::TELEOP);
        robot.note("stop " + std::string(name_of(daemon)));
        const auto waits = robot.waits();
        robot.services().signal(daemon, SIGSTOP);
        const Nanoseconds since = now();
        if (robot.await_standstill())
            robot.check(daemon == Daemon::dev_handler ? Ban{robot.fed(), watchdog} : Ban{since, promise},
                        now(), waits);
        robot.note("continue");
        robot.services().signal(daemon, SIGCONT);
        robot.await_motion();
        robot.check_alive();
        robot.check_at_rest();
    }
}
