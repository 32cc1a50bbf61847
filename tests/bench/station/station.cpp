// How soon the motor of a whole robot stands still after the driver is lost: the station is killed or
// stopped, the gamepad is pulled, or the driver stops the robot. One JSON object a line: name, value, unit.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/measure.hpp"
#include "tests/support/virtual_devices.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

const int rounds = std::getenv("RUNTIME_BENCHMARK_SMOKE") != nullptr ? 1 : 20;

const std::string student_code = R"(
def teleop_main():
    Robot.set_value("6_77", "velocity_a", 0.75 if Gamepad.get_value("button_a") else 0.0)
)";

/// A driver that is gone stops the robot as soon as the end of its connection has arrived.
constexpr double after_the_end_ms = 20;
/// The network protocol: inputs are stale after five of the station's intervals of 20 ms.
constexpr double stale_ms = 100 + 20;
/// The network protocol: a gamepad that is not listed is gone after 500 ms.
constexpr double not_listed_ms = 500 + 20;

/// By then the robot knows how often this driver station sends.
constexpr Nanoseconds habit_known = 500 * millisecond;

struct Bench {
    Robot robot;
    VirtualDevices devices{robot, {"KoalaBear:77"}};
    WholeRobot daemons{robot, devices.ports(), student_code};

    Process station() const {
        return Process({"station", "--address", "127.0.0.1", "--port", std::to_string(daemons.port()),
                        "--mode", "teleop", "--press", "button_a", "--seconds", "80000"});
    }

    Nanoseconds await(const std::string& condition) {
        const Nanoseconds time = devices.await(0, condition);
        if (time == 0)
            throw std::runtime_error("the motor does not get to " + condition);
        return time;
    }

    /// `lose` is called while the motor turns.
    void measure(const std::string& name, double promised_ms, const std::function<void()>& begin,
                 const std::function<void()>& lose, const std::function<void()>& end) {
        std::vector<double> times;
        for (int i = 0; i < rounds; ++i) {
            begin();
            await("velocity_a == 0.75");
            bench::pause(habit_known);
            const Nanoseconds lost = now();
            lose();
            times.push_back(static_cast<double>(await("velocity_a == 0") - lost) / millisecond);
            end();
        }
        const std::string full_name = "station/motor stands still after " + name;
        bench::print_percentiles(full_name, times, "ms");
        bench::print_promise(full_name + "/max", bench::percentile(times, 1.0), promised_ms, "ms");
    }
};

void measure_signals(Bench& bench) {
    std::optional<Process> station;
    const auto begin = [&] { station.emplace(bench.station()); };
    const auto end = [&] { station.reset(); };
    bench.measure(
        "SIGKILL of the station", after_the_end_ms, begin, [&] { station->signal(SIGKILL); }, end);
    bench.measure(
        "SIGSTOP of the station", stale_ms, begin, [&] { station->signal(SIGSTOP); }, end);
    bench.measure(
        "SIGTERM of the station", after_the_end_ms, begin, [&] { station->signal(SIGTERM); }, end);
}

/// A driver station whose habits are those of Dawn: an unplugged gamepad is not listed any more (Dawn 4), or
/// is said to be disconnected (Dawn 2).
void measure_gamepad(Bench& bench) {
    std::optional<DriverStation> dawn;
    auto both = gamepad(1);
    both.MergeFrom(keyboard(0));
    auto unplugged = gamepad(0);
    unplugged.mutable_inputs(0)->set_connected(false);
    const auto begin = [&] {
        dawn.emplace(bench.daemons.port());
        dawn->keep_sending(both);
        dawn->set_mode(::RunMode::TELEOP);
    };
    const auto end = [&] { dawn.reset(); };
    bench.measure(
        "the gamepad is not listed any more", not_listed_ms, begin, [&] { dawn->keep_sending(keyboard(0)); },
        end);
    bench.measure(
        "the gamepad is said to be gone", after_the_end_ms, begin, [&] { dawn->keep_sending(unplugged); },
        end);
    bench.measure(
        "IDLE", after_the_end_ms, begin, [&] { dawn->set_mode(::RunMode::IDLE); }, end);
}

}  // namespace

int main() {
    try {
        Bench bench;
        measure_signals(bench);
        measure_gamepad(bench);
    } catch (const std::exception& error) {
        std::cerr << "bench_station: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
