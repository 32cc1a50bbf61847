// How fast the robot gets rid of a program that will not end: with a motor running, TELEOP becomes AUTO
// without IDLE between. From the client's packet to zero at the device, and to the first command of the next
// program there. The whole robot runs.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/layout.hpp"
#include "tests/scenario/executor/hostile_programs.hpp"
#include "tests/scenario/executor/student_robot.hpp"
#include "tests/support/measure.hpp"
#include "tests/support/virtual_devices.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime;
using namespace runtime::bench;
using namespace runtime::test;

namespace {

// Again and again, since a command has no effect in a moment in which a starved daemon has closed the gate.
const std::string next_program = R"(
def autonomous_main():
    Robot.set_value("6_1", "velocity_b", 0.5)
)";

/// When the device was seen to meet the condition; throws where it does not, or not in time.
Nanoseconds seen(VirtualDevices& devices, const std::string& condition, const char* else_what) {
    const Nanoseconds time = devices.await(0, condition);
    require(time != 0, else_what);
    return time;
}

void measure() {
    const int rounds = std::getenv("RUNTIME_BENCHMARK_SMOKE") != nullptr ? 1 : 5;
    const Robot robot;
    VirtualDevices devices{robot, {"KoalaBear:1"}};
    WholeRobot daemons(robot, devices.ports(), "");
    DriverStation dawn(daemons.port());
    dawn.keep_receiving();
    dawn.keep_sending(keyboard(0));
    std::vector<double> all_stops;
    std::vector<double> all_starts;
    for (int round = 0; round < rounds; ++round)
        for (const auto& program : hostile_programs) {
            if (program.fails())
                continue;
            daemons.write_student_code(student_code(std::string("hostile/") + program.file));
            seen(devices, "enabled == 1", "the device is not enabled");
            dawn.set_mode(::RunMode::TELEOP);
            seen(devices, "velocity_a == 1", "the program does not run");
            daemons.write_student_code(next_program);
            const Nanoseconds begin = now();
            dawn.set_mode(::RunMode::AUTO);
            const Nanoseconds stopped = seen(devices, "velocity_a == 0", "no stop");
            const Nanoseconds started = seen(devices, "velocity_b == 0.5", "no next mode");
            all_stops.push_back(static_cast<double>(stopped - begin) / millisecond);
            all_starts.push_back(static_cast<double>(started - begin) / millisecond);
            const std::string name = std::string("hostile_code/") + program.file;
            print(name + "/motor_at_zero", all_stops.back(), "ms");
            print(name + "/next_mode_acts", all_starts.back(), "ms");
            dawn.set_mode(::RunMode::IDLE);
            seen(devices, "velocity_b == 0", "no stop");
        }
    print_percentiles("hostile_code/motor_at_zero", all_stops, "ms");
    print_percentiles("hostile_code/next_mode_acts", all_starts, "ms");
    bench::print_promise("hostile_code/motor_at_zero/max", bench::percentile(all_stops, 1.0), 100, "ms");
    bench::print_promise("hostile_code/next_mode_acts/max", bench::percentile(all_starts, 1.0), 300, "ms");
}

}  // namespace

int main() {
    try {
        measure();
    } catch (const std::exception& error) {
        std::cerr << "bench_hostile_code: " << error.what() << '\n';
        return 1;
    }
}
