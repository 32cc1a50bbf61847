/// Latency and cost of dev_handler against pseudo-terminals. Prints one JSON object a line. With
/// RUNTIME_BENCHMARK_SMOKE in the environment it does as little as shows that it works.
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/scenario/dev_handler/device_crowd.hpp"
#include "tests/scenario/dev_handler/upper_daemons.hpp"
#include "tests/support/measure.hpp"
#include "tests/support/system_calls.hpp"

namespace {

using namespace runtime;
using namespace runtime::test;

constexpr std::uint8_t koala_bear = 6;
const bool smoke = std::getenv("RUNTIME_BENCHMARK_SMOKE") != nullptr;
const int samples = smoke ? 20 : 3000;
/// Student code commands at most about as often; what comes faster is paced to what a device can read.
constexpr Nanoseconds command_pause = 1500 * microsecond;
const double cost_seconds = smoke ? 0.2 : 5;

/// In microseconds. `promised`: the longest of them, if that is promised.
void report(const std::string& name, const std::vector<Nanoseconds>& times,
            std::optional<Nanoseconds> promised = {}) {
    std::vector<double> microseconds;
    microseconds.reserve(times.size());
    for (const Nanoseconds time : times)
        microseconds.push_back(static_cast<double>(time) / 1000);
    bench::print_percentiles(name, microseconds, "us");
    if (promised)
        bench::print_promise(name + "/max", bench::percentile(microseconds, 1.0),
                             static_cast<double>(*promised) / 1000, "us");
}

struct Bench {
    Robot robot;
    UpperDaemons upper{robot.instance()};
    Process daemon = robot.start("dev_handler", {"--ports", robot.directory() + "/ttyACM*"});
    static constexpr std::uint64_t probe_uid = 1;
    FakeDevice probe{robot.directory() + "/ttyACM1", upper.type(koala_bear), probe_uid};
    std::size_t slot = 0;

    Bench() {
        probe.acknowledge();
        slot = upper.slot_of(koala_bear, probe_uid);
        alive();
        upper.start_run();
    }
    void alive() {
        probe.drain();
        probe.send({{0, 0}, {8, 0}});
    }

    void command_to_port(const std::string& name) {
        std::vector<Nanoseconds> times;
        for (int i = 0; i < samples; ++i) {
            alive();
            bench::pause(command_pause);
            probe.drain();
            const float value = static_cast<float>(i + 1) / static_cast<float>(samples);
            const Nanoseconds begin = now();
            upper.command(slot, 0, Value::of(value));
            pollfd wait{probe.descriptor(), POLLIN, 0};
            poll(&wait, 1, 1000);
            times.push_back(now() - begin);
            if (!probe.next_write(1000ms))
                throw std::runtime_error("the command did not arrive");
        }
        report(name, times);
    }

    void port_to_memory(const std::string& name) {
        std::vector<Nanoseconds> times;
        const auto& cell = upper.devices().slots[slot].data;
        for (int i = 0; i < samples; ++i) {
            probe.drain();
            bench::pause(500 * microsecond);
            const Bytes frame =
                wire::values(wire::device_data, probe.type(), {{7, static_cast<std::uint32_t>(i + 1)}});
            const Nanoseconds begin = now();
            probe.write(frame);
            upper.wait_for_devices([&] { return cell.read().values[7].integer() == i + 1; });
            times.push_back(now() - begin);
        }
        report(name, times);
    }

    /// From the publication of IDLE to the first byte of the zeros at the port of a motor that moves.
    void idle_to_port(const std::string& name) {
        std::vector<Nanoseconds> times;
        const float moving = 0.5F;
        for (int i = 0; i < samples / 10; ++i) {
            upper.start_run();
            do {
                alive();
                upper.command(slot, 0, Value::of(moving));
            } while (probe.next_write(10ms) != wire::ValueMap{{0, Value::of(moving).bits}});
            probe.send({{0, Value::of(moving).bits}, {8, 0}});
            bench::pause(5 * millisecond);
            probe.drain();
            const Nanoseconds begin = now();
            upper.stop_run();
            pollfd wait{probe.descriptor(), POLLIN, 0};
            poll(&wait, 1, 1000);
            times.push_back(now() - begin);
            if (probe.next_write(1000ms) != wire::ValueMap{{0, 0}, {8, 0}})
                throw std::runtime_error("the motor was not stopped");
            alive();
        }
        upper.start_run();
        report(name, times, 10 * millisecond);
    }

    /// From a port that appears, with a device that answers at once, to the device in shared memory.
    void plug_to_connected(const std::string& name) {
        std::vector<Nanoseconds> times;
        constexpr std::uint64_t uid = 77;
        for (int i = 0; i < samples / 100 + 1; ++i) {
            const Nanoseconds begin = now();
            FakeDevice device(robot.directory() + "/ttyACM77", upper.type(koala_bear), uid);
            if (!device.acknowledge())
                throw std::runtime_error("a new port was not pinged");
            upper.slot_of(koala_bear, uid);
            times.push_back(now() - begin);
            device.unplug();
            if (!upper.wait_for_devices([&] { return !upper.connected(koala_bear, uid); }))
                throw std::runtime_error("an unplugged device stayed");
            alive();
        }
        report(name, times, 50 * millisecond);
    }

    /// The cost of `crowd` over cost_seconds, beside the probe.
    void cost(const std::string& name, const DeviceCrowd& crowd, double promised_cores) {
        const SystemCalls system_calls(daemon.pid());
        const bench::Usage before = bench::Usage::of(daemon.pid());
        const std::uint64_t frames_before = crowd.frames_sent();
        const Nanoseconds begin = now();
        const Nanoseconds end = begin + static_cast<Nanoseconds>(cost_seconds * 1e9);
        while (now() < end) {
            alive();
            bench::pause(std::min(end - now(), 500 * millisecond));
        }
        const double passed = static_cast<double>(now() - begin) / 1e9;
        const bench::Usage after = bench::Usage::of(daemon.pid());
        const auto frames =
            static_cast<double>(std::max<std::uint64_t>(crowd.frames_sent() - frames_before, 1));
        const double cores = (after.cpu_seconds - before.cpu_seconds) / passed;
        bench::print(name + "/cpu", cores, "cores");
        bench::print_promise(name + "/cpu", cores, promised_cores, "cores");
        bench::print(name + "/frames", frames / passed, "1/s");
        if (const auto count = system_calls.count()) {
            bench::print(name + "/system_calls_per_frame", static_cast<double>(*count) / frames, "1");
            bench::print(name + "/system_calls", static_cast<double>(*count) / passed, "1/s");
        } else {
            std::cerr << name << ": system calls are not counted: that needs root and a mounted tracefs\n";
        }
        bench::print(name + "/wake_ups", (after.wake_ups - before.wake_ups) / passed, "1/s");
        bench::print(name + "/threads", after.threads, "1");
        bench::print(name + "/frames_blocked", static_cast<double>(crowd.frames_blocked()), "1");
    }
};

}  // namespace

int main() {
    try {
        Bench bench;
        bench.command_to_port("dev_handler/command_to_port/1_device");
        bench.port_to_memory("dev_handler/port_to_memory/1_device");
        bench.idle_to_port("dev_handler/idle_to_port/1_device");
        bench.plug_to_connected("dev_handler/plug_to_connected");

        DeviceCrowd crowd(bench.robot.directory(), bench.upper.type(koala_bear), 100, 31, 1000);
        for (std::uint64_t uid = 100; uid < 131; ++uid)
            bench.upper.slot_of(koala_bear, uid);
        bench.cost("dev_handler/load/32_devices", crowd, 0.25);
        bench.command_to_port("dev_handler/command_to_port/32_devices");
        bench.port_to_memory("dev_handler/port_to_memory/32_devices");
        bench.idle_to_port("dev_handler/idle_to_port/32_devices");

        crowd.set_hertz(2);
        bench.upper.stop_run();
        bench.cost("dev_handler/idle/32_devices", crowd, 0.01);
    } catch (const std::exception& error) {
        std::cerr << "bench_dev_handler: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
