// From a button at the client to a byte at the device: through all three daemons and a student program that
// copies the one to the other. One JSON object a line: name, value, unit.
#include <poll.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "shm_wrapper/layout.hpp"
#include "tests/scenario/dev_handler/device_crowd.hpp"
#include "tests/support/measure.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

using bench::pause;

const bool smoke = std::getenv("RUNTIME_BENCHMARK_SMOKE") != nullptr;
const int presses = smoke ? 20 : 2000;
const int starts = smoke ? 3 : 100;

constexpr std::uint64_t button_a = 1;
constexpr std::uint64_t probe_uid = 1;
constexpr float pressed_velocity = 0.5F;
constexpr Nanoseconds input_period = 20 * millisecond;

/// Runs when something changes.
const std::string copies_in_main = R"(
def teleop_main():
    Robot.set_value("6_1", "velocity_a", 0.5 if Gamepad.get_value("button_a") else 0.0)
)";

const std::string commands_at_once = R"(
def teleop():
    Robot.set_value("6_1", "velocity_a", 0.5)
    Robot.sleep(1000)
)";

/// Takes a whole core.
const std::string copies_in_a_busy_loop = R"(
def teleop():
    while True:
        Robot.set_value("6_1", "velocity_a", 0.5 if Gamepad.get_value("button_a") else 0.0)
)";

const DeviceType& koala_bear(const TypesBlock& types) {
    for (std::size_t i = 0; i < types.types.count; ++i)
        if (types.types.list[i].name() == "KoalaBear")
            return types.types.list[i];
    throw std::runtime_error("there is no type KoalaBear");
}

struct Bench {
    explicit Bench(const std::string& student_code)
        : probe(robot.directory() + "/ttyACM1", koala_bear(*types), probe_uid),
          daemons(robot, robot.directory() + "/ttyACM*", student_code),
          dawn(daemons.port()) {
        if (!probe.acknowledge())
            throw std::runtime_error("the device is not found");
        feed();
        wait_for_devices(1);
    }

    /// DEVICE_DATA, without which a device is lost after a second.
    void feed() const { probe.send({{0, 0}, {8, 0}}); }

    /// `count`: with CustomData one more is shown.
    void wait_for_devices(int count) {
        if (!dawn.wait_for_devices([&](const DevData& data) { return data.devices_size() > count; }))
            throw std::runtime_error("the devices do not appear");
    }

    /// Waits for the device to be written this velocity. Meanwhile device and driver station go on as they
    /// do.
    void wait_for_velocity(float velocity, const UserInputs& inputs) {
        const auto bits = Value::of(velocity).bits;
        const Nanoseconds limit = now() + 20 * second;
        Nanoseconds again = now() + input_period;
        while (now() < limit) {
            const auto write = probe.next_write(20ms);
            if (write)
                if (const auto value = write->find(0); value != write->end() && value->second == bits)
                    return;
            if (now() < again)
                continue;
            again = now() + input_period;
            dawn.send_inputs(inputs);
            feed();
            receive_all();
        }
        throw std::runtime_error("the velocity does not reach the device");
    }

    void receive_all() {
        for (pollfd readable{dawn.descriptor(), POLLIN, 0}; poll(&readable, 1, 0) > 0;)
            if (!dawn.receive(1ms))
                return;
    }

    /// `feed_period`: of the probe. `promised`: whether there is a promise about this program.
    void measure(const std::string& name, Nanoseconds feed_period, bool promised) {
        dawn.send_inputs(gamepad(0));
        dawn.set_mode(::RunMode::TELEOP);
        wait_for_velocity(0, gamepad(0));
        std::vector<double> times;
        for (int i = 1; i <= presses; ++i) {
            // Two to five milliseconds apart, in no step with anything else.
            const Nanoseconds begin_at = now() + 2 * millisecond + (i * 377 % 3000) * microsecond;
            while (now() < begin_at) {
                feed();
                probe.drain();
                pause(std::min(feed_period, begin_at - now()));
            }
            receive_all();
            const bool press = i % 2 != 0;
            const UserInputs inputs = gamepad(press ? button_a : 0);
            const Nanoseconds begin = now();
            dawn.send_inputs(inputs);
            wait_for_velocity(press ? pressed_velocity : 0.0F, inputs);
            times.push_back(static_cast<double>(now() - begin) / static_cast<double>(millisecond));
        }
        dawn.set_mode(::RunMode::IDLE);
        const std::string full_name = "robot/button_to_device/" + name;
        bench::print_percentiles(full_name, times, "ms");
        if (!promised)
            return;
        bench::print_promise(full_name + "/p50", bench::percentile(times, 0.5), 0.2, "ms");
        bench::print_promise(full_name + "/p99", bench::percentile(times, 0.99), 1, "ms");
    }

    /// From the packet that selects the mode to the first command of its program at the device.
    void measure_starts() {
        std::vector<double> times;
        for (int i = 0; i < starts; ++i) {
            // As long as a person takes from mode to mode.
            for (const Nanoseconds until = now() + 500 * millisecond; now() < until; pause(input_period)) {
                feed();
                probe.drain();
                dawn.send_inputs(gamepad(0));
                receive_all();
            }
            const Nanoseconds begin = now();
            dawn.set_mode(::RunMode::TELEOP);
            wait_for_velocity(pressed_velocity, gamepad(0));
            times.push_back(static_cast<double>(now() - begin) / static_cast<double>(millisecond));
            dawn.set_mode(::RunMode::IDLE);
            wait_for_velocity(0, gamepad(0));
        }
        bench::print_percentiles("robot/mode_to_first_command", times, "ms");
        bench::print_promise("robot/mode_to_first_command/p95", bench::percentile(times, 0.95), 5, "ms");
    }

    Robot robot;
    BlockReader<TypesBlock> types{robot.instance()};
    FakeDevice probe;
    WholeRobot daemons;
    DriverStation dawn;
};

void measure_program(const std::string& program, const std::string& student_code, bool promised) {
    Bench bench(student_code);
    bench.measure(program + "/1_device", millisecond, promised);
    constexpr std::size_t others = 31;
    const DeviceCrowd crowd(bench.robot.directory(), koala_bear(*bench.types), 100, others,
                            smoke ? 10 : 1000);
    bench.feed();
    bench.wait_for_devices(1 + static_cast<int>(others));
    bench.measure(program + "/32_devices", millisecond, promised);
}

}  // namespace

int main() {
    try {
        Bench(commands_at_once).measure_starts();
        {
            // Nothing but the button wakes anybody.
            Bench bench(copies_in_main);
            bench.measure("main/1_silent_device", second, true);
        }
        measure_program("main", copies_in_main, true);
        measure_program("busy_loop", copies_in_a_busy_loop, false);
    } catch (const std::exception& error) {
        std::cerr << "bench_robot: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
