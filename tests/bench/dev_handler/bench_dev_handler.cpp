/// Latency and cost of dev_handler against pseudo-terminals. Prints one JSON object a line. With
/// RUNTIME_BENCHMARK_SMOKE in the environment it does as little as shows that it works.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "shm_wrapper/futex.hpp"
#include "tests/scenario/dev_handler/device_crowd.hpp"
#include "tests/scenario/dev_handler/upper_daemons.hpp"

namespace {

using namespace runtime;
using namespace runtime::test;

constexpr std::uint8_t koala_bear = 6;
const bool smoke = std::getenv("RUNTIME_BENCHMARK_SMOKE") != nullptr;
const int samples = smoke ? 20 : 3000;
const double cost_seconds = smoke ? 0.2 : 5;

void report(const std::string& name, double value, const std::string& unit) {
    std::cout << "{\"name\": \"" << name << "\", \"value\": " << value << ", \"unit\": \"" << unit << "\"}\n";
}

void report(const std::string& name, std::vector<Nanoseconds> times) {
    std::sort(times.begin(), times.end());
    const auto microseconds = [&](double part) {
        const auto index = static_cast<std::size_t>(part * static_cast<double>(times.size() - 1));
        return static_cast<double>(times[index]) / 1000.0;
    };
    report(name + ".p50", microseconds(0.50), "us");
    report(name + ".p95", microseconds(0.95), "us");
    report(name + ".p99", microseconds(0.99), "us");
    report(name + ".max", microseconds(1.00), "us");
}

/// What a process has used so far.
struct Usage {
    double cpu_seconds = 0;
    double reads_and_writes = 0;
    double wake_ups = 0;
    double threads = 0;

    static Usage of(pid_t pid) {
        Usage usage;
        const std::string directory = "/proc/" + std::to_string(pid);
        std::ifstream stat(directory + "/stat");
        std::string field;
        for (int i = 1; i <= 20 && stat >> field; ++i) {
            if (i == 14 || i == 15)
                usage.cpu_seconds += std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK));
            if (i == 20)
                usage.threads = std::stod(field);
        }
        std::ifstream io(directory + "/io");
        for (std::string line; std::getline(io, line);)
            if (line.rfind("syscr:", 0) == 0 || line.rfind("syscw:", 0) == 0)
                usage.reads_and_writes += std::stod(line.substr(6));
        std::ifstream status(directory + "/status");
        for (std::string line; std::getline(status, line);)
            if (line.rfind("voluntary_ctxt_switches:", 0) == 0)
                usage.wake_ups += std::stod(line.substr(24));
        return usage;
    }
};

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
            futex::wait(nothing_, 0, now() + 500 * microsecond);
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
            futex::wait(nothing_, 0, now() + 500 * microsecond);
            const Bytes frame =
                wire::values(wire::device_data, probe.type(), {{7, static_cast<std::uint32_t>(i + 1)}});
            const Nanoseconds begin = now();
            probe.write(frame);
            upper.wait_for_devices([&] { return cell.read().values[7].integer() == i + 1; });
            times.push_back(now() - begin);
        }
        report(name, times);
    }

    /// The cost of `crowd` over cost_seconds, beside the probe.
    void cost(const std::string& name, const DeviceCrowd& crowd) {
        const Usage before = Usage::of(daemon.pid());
        const std::uint64_t frames_before = crowd.frames_sent();
        const Nanoseconds begin = now();
        const Nanoseconds end = begin + static_cast<Nanoseconds>(cost_seconds * 1e9);
        while (now() < end) {
            alive();
            futex::wait(nothing_, 0, std::min(end, now() + 500 * millisecond));
        }
        const double passed = static_cast<double>(now() - begin) / 1e9;
        const Usage after = Usage::of(daemon.pid());
        const auto frames =
            static_cast<double>(std::max<std::uint64_t>(crowd.frames_sent() - frames_before, 1));
        report(name + ".cpu", (after.cpu_seconds - before.cpu_seconds) / passed, "cores");
        report(name + ".frames", frames / passed, "1/s");
        report(name + ".reads_and_writes_per_frame",
               (after.reads_and_writes - before.reads_and_writes) / frames, "1");
        report(name + ".wake_ups", (after.wake_ups - before.wake_ups) / passed, "1/s");
        report(name + ".threads", after.threads, "1");
        report(name + ".frames_blocked", static_cast<double>(crowd.frames_blocked()), "1");
    }

    std::atomic<std::uint32_t> nothing_{0};
};

}  // namespace

int main() {
    Bench bench;
    bench.command_to_port("dev_handler.command_to_port.1_device");
    bench.port_to_memory("dev_handler.port_to_memory.1_device");

    DeviceCrowd crowd(bench.robot.directory(), bench.upper.type(koala_bear), 100, 31, 1000);
    for (std::uint64_t uid = 100; uid < 131; ++uid)
        bench.upper.slot_of(koala_bear, uid);
    bench.cost("dev_handler.load.32_devices", crowd);
    bench.command_to_port("dev_handler.command_to_port.32_devices");
    bench.port_to_memory("dev_handler.port_to_memory.32_devices");

    crowd.set_hertz(2);
    bench.upper.stop_run();
    bench.cost("dev_handler.idle.32_devices", crowd);
    return 0;
}
