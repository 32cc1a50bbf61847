// What students feel: how fast a mode starts, stops and reacts, and what the calls of the API cost. The real
// executor runs; the benchmark plays net_handler and dev_handler.
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "tests/scenario/executor/student_robot.hpp"
#include "tests/support/measure.hpp"

using namespace runtime;
using namespace runtime::bench;
using runtime::test::StudentRobot;

namespace {

const bool smoke = std::getenv("RUNTIME_BENCHMARK_SMOKE") != nullptr;
const int rounds = smoke ? 2 : 100;

double milliseconds(Nanoseconds span) {
    return static_cast<double>(span) / static_cast<double>(millisecond);
}

/// The time that the student program took at its first line, in a value that it commands: nanoseconds modulo
/// 2^31.
constexpr const char* stamps_its_start = R"(
import time
NOW = time.monotonic_ns()
def teleop():
    Robot.set_value("62_1", "MY_INT", NOW % 2**31)
    Robot.sleep(1000)
)";

void bench_start_and_polite_stop() {
    StudentRobot robot(stamps_its_start);
    robot.connect(0, 62, 1);
    std::vector<double> starts;
    std::vector<double> stops;
    for (int i = 0; i < rounds; ++i) {
        // In a match a spare waits for much longer: it has loaded everything.
        bench::pause(300 * millisecond);
        const auto count = robot.command_count(0, "MY_INT");
        const Nanoseconds selected = now();
        const auto run = robot.select(RunMode::teleop);
        require(robot.wait_for(StudentPhase::running, run), "the mode does not start");
        require(test::wait_until([&] { return robot.command_count(0, "MY_INT") != count; },
                                 std::chrono::seconds(20)),
                "the program does not run");
        const auto stamp = static_cast<Nanoseconds>(robot.commanded(0, "MY_INT").integer());
        starts.push_back(milliseconds((stamp - selected % (1LL << 31) + (1LL << 31)) % (1LL << 31)));
        const Nanoseconds ended = now();
        robot.select(RunMode::idle);
        require(robot.wait_for(StudentPhase::none, run), "the mode does not end");
        stops.push_back(milliseconds(now() - ended));
        require(test::wait_until([&] { return robot.spare_is_ready(); }), "no spare");
    }
    print_percentiles("executor/mode_start_to_first_line", starts, "ms");
    bench::print_promise("executor/mode_start_to_first_line/p95", bench::percentile(starts, 0.95), 5, "ms");
    print_percentiles("executor/polite_stop", stops, "ms");
}

void bench_forced_stop() {
    StudentRobot robot(test::student_code("hostile/catches_everything.py"));
    robot.connect(0, 6, 1);
    std::vector<double> stops;
    for (int i = 0; i < (smoke ? 1 : 10); ++i) {
        robot.write_code(test::student_code("hostile/catches_everything.py"));
        robot.select(RunMode::teleop);
        require(robot.wait_for_log("begun"), "the program does not run");
        robot.write_code("def teleop():\n    Robot.sleep(1000)\n");
        const Nanoseconds ended = now();
        const auto run = robot.select(RunMode::teleop);
        require(robot.wait_for(StudentPhase::running, run), "the next mode does not start");
        stops.push_back(milliseconds(now() - ended));
        robot.select(RunMode::idle);
        require(robot.wait_for(StudentPhase::none, run), "the mode does not end");
    }
    print_percentiles("executor/forced_stop_to_next_mode", stops, "ms");
}

constexpr const char* times_the_calls = R"(
import time
def nanoseconds(call, *arguments):
    best = []
    for _ in range(20):
        begin = time.thread_time_ns()
        for _ in range(10000):
            call(*arguments)
        best.append((time.thread_time_ns() - begin) / 10000)
    return sorted(best)[10]
def teleop():
    Robot.log("nothing", nanoseconds(len, ()))
    Robot.log("get_value", nanoseconds(Robot.get_value, "6_1", "velocity_b"))
    Robot.log("set_value", nanoseconds(Robot.set_value, "6_1", "velocity_b", 0.5))
    Robot.log("gamepad", nanoseconds(Gamepad.get_value, "joystick_left_y"))
    Robot.log("log", nanoseconds(Robot.log, "speed", 0.5))
)";

void bench_calls() {
    StudentRobot robot(times_the_calls);
    robot.connect(9, 6, 1);
    const auto run = robot.select(RunMode::teleop);
    require(robot.wait_for(StudentPhase::ended, run), "the program does not end");
    for (const char* call : {"nothing", "get_value", "set_value", "gamepad", "log"}) {
        const double cost = std::stod(robot.value_of(call));
        print(std::string("executor/call/") + call, cost, "ns");
        print(std::string("executor/calls_a_second/") + call, 1e9 / cost, "1/s");
    }
}

/// From the publication of new inputs to the command that X_main gives in answer.
void bench_reaction(bool busy_devices) {
    StudentRobot robot(R"(
def teleop_main():
    Robot.set_value("6_1", "velocity_a", Gamepad.get_value("joystick_left_x"))
)");
    robot.connect(0, 6, 1);
    const auto run = robot.select(RunMode::teleop);
    require(robot.wait_for(StudentPhase::running, run), "the mode does not start");
    std::vector<double> samples;
    for (int i = 1; i <= (smoke ? 5 : 300); ++i) {
        const float axis = static_cast<float>(i % 100 + 1) / 128;
        // Inputs come every 20 ms; devices report every millisecond meanwhile.
        const Nanoseconds until = now() + 20 * millisecond;
        while (now() < until) {
            if (busy_devices)
                robot.set_value(0, "enc_a", Value::of(std::int32_t{i}));
            bench::pause(millisecond);
        }
        const Nanoseconds begin = now();
        robot.set_inputs([&](Inputs& inputs) {
            inputs.gamepad_connected = true;
            inputs.gamepad_axes[0] = axis;
        });
        require(robot.wait_for_command(0, "velocity_a", Value::of(axis)), "no reaction");
        samples.push_back(milliseconds(now() - begin));
    }
    print_percentiles(busy_devices ? "executor/input_to_command/devices_at_1000_hz"
                                   : "executor/input_to_command/quiet_devices",
                      samples, "ms");
}

void bench_memory() {
    StudentRobot robot("def teleop():\n    Robot.sleep(1000)\n");
    robot.select(RunMode::teleop);
    require(test::wait_until([&] { return robot.spare_is_ready(); }), "no spare");
    const pid_t pid = robot.spare_pid();
    std::ifstream status("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string word; status >> word;) {
        double value = 0;
        if ((word == "Rss:" || word == "Pss:" || word == "Private_Dirty:") && status >> value)
            print("executor/warm_child/" + word.substr(0, word.size() - 1), value / 1024, "MiB");
    }
}

}  // namespace

int main() {
    try {
        bench_calls();
        bench_start_and_polite_stop();
        bench_forced_stop();
        bench_reaction(false);
        bench_reaction(true);
        bench_memory();
    } catch (const std::exception& error) {
        std::cerr << "bench_executor: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
