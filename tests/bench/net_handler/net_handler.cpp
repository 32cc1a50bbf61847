// How fast net_handler is, with the real daemon on loopback. One JSON object a line: name, value, unit.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "net_handler/protocol/conversation.hpp"
#include "net_handler/protocol/device_data.hpp"
#include "shm_wrapper/futex.hpp"
#include "tests/scenario/net_handler/field.hpp"
#include "tests/support/measure.hpp"
#include "tests/support/network_namespace.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

std::atomic<std::uint64_t> allocations{0};

using bench::pause;
using bench::print;
using bench::require;
using bench::Usage;

void print_times(const std::string& name, std::vector<double>& microseconds) {
    bench::print_percentiles(name, microseconds, "us");
}

double microseconds_since(Nanoseconds begin) {
    return static_cast<double>(now() - begin) / 1000.0;
}

/// `count`, or a few in a smoke run, which only shows that the benchmark works.
int rounds(int count) {
    static const bool smoke = std::getenv("RUNTIME_BENCHMARK_SMOKE") != nullptr;
    return smoke ? std::min(count, std::max(1, count / 100)) : count;
}

void connect_devices(Field& field, std::size_t count) {
    for (std::size_t slot = 0; slot < count; ++slot)
        field.connect(slot, field.type("KoalaBear"), slot, std::vector<Value>(16, Value::of(0.5F)));
}

void inputs_to_shared_memory() {
    Field field;
    auto dawn = field.dawn();
    const BlockReader<InputsBlock> block(field.robot().instance());
    std::vector<double> times;
    for (int i = 1; i <= rounds(3000); ++i) {
        const std::string bytes =
            packet(5, gamepad(static_cast<std::uint64_t>(i) & 0xFFFF).SerializeAsString());
        pause(millisecond);
        const auto seen = block->inputs.sequence();
        const Nanoseconds begin = now();
        dawn.send_bytes(bytes);
        while (block->inputs.sequence() == seen) {
            futex::wait(block->inputs.sequence_word(), seen, begin + second);
            require(now() < begin + 20 * second, "inputs do not arrive");
        }
        times.push_back(microseconds_since(begin));
    }
    print_times("UserInputs sent to waiter of the inputs block", times);
}

void value_to_client(std::size_t devices) {
    Field field;
    connect_devices(field, devices);
    auto dawn = field.dawn();
    std::vector<double> times;
    std::vector<Value> values(16, Value::of(0.5F));
    for (int i = 1; i <= rounds(500); ++i) {
        pause((1 + i % 10) * millisecond + 7 * microsecond * i);
        values[7] = Value::of(i);
        const Nanoseconds begin = now();
        auto& cells = field.devices().slots[0];
        auto data = cells.data.read();
        data.values[7] = values[7];
        cells.data.publish(data);
        require(dawn.wait_for_devices(
                        [&](const DevData& received) { return received.devices(0).params(7).ival() == i; })
                    .has_value(),
                "a value does not arrive");
        times.push_back(microseconds_since(begin));
    }
    print_times("value changed to DevData at the client, " + std::to_string(devices) + " devices", times);
}

/// From a line in another process's ring to the driver station. The promise: within 20 ms.
void log_line_to_client() {
    Field field;
    auto dawn = field.dawn();
    std::vector<double> times;
    for (int i = 1; i <= rounds(1000); ++i) {
        pause((1 + i % 10) * millisecond);
        const std::string line = "line " + std::to_string(i) + ".";
        const Nanoseconds begin = now();
        field.executor_log().append(LogLevel::info, LogSource::student, line);
        require(dawn.wait_for_log(line).has_value(), "a log line does not arrive");
        times.push_back(microseconds_since(begin));
    }
    print_times("log line to the client", times);
    bench::print_promise("log line to the client/max", bench::percentile(times, 1.0), 20'000, "us");
}

void packets_per_second() {
    Field field;
    auto dawn = field.dawn();
    std::string bytes;
    const int packets = rounds(200'000);
    for (int i = 0; i < packets; ++i)
        bytes += packet(5, gamepad(static_cast<std::uint64_t>(i % 2)).SerializeAsString());
    bytes += packet(5, gamepad(0x1F).SerializeAsString());
    const auto before = Usage::of(field.net_handler().pid());
    const Nanoseconds begin = now();
    dawn.send_bytes(bytes);
    require(field.wait_for_inputs([](const Inputs& inputs) { return inputs.gamepad_buttons == 0x1F; }),
            "inputs do not arrive");
    const double seconds = static_cast<double>(now() - begin) / second;
    const auto after = Usage::of(field.net_handler().pid());
    print("UserInputs packets taken", packets / seconds, "packets/s");
    print("processor time of a UserInputs packet in bulk",
          (after.cpu_seconds - before.cpu_seconds) / packets * 1e9, "ns");
}

/// `limit`: --bandwidth-limit.
void processor_time(std::size_t devices, const std::string& limit, bool with_shepherd) {
    Field field({"--bandwidth-limit", limit});
    connect_devices(field, devices);
    auto dawn = field.dawn();
    std::optional<DriverStation> shepherd;
    if (with_shepherd)
        shepherd.emplace(field.port(), DriverStation::Kind::shepherd);
    dawn.keep_sending(gamepad(1));
    const auto before = Usage::of(field.net_handler().pid());
    const Nanoseconds begin = now();
    int received = 0;
    std::size_t bytes = 0;
    while (now() < begin + 10 * millisecond * rounds(500))
        if (const auto one = dawn.receive()) {
            received += one->type == 3 ? 1 : 0;
            bytes += one->payload.size() + 3;
        } else {
            require(false, "device data ends");
        }
    const double seconds = static_cast<double>(now() - begin) / second;
    const auto after = Usage::of(field.net_handler().pid());
    const std::string name = std::string(with_shepherd ? " with two clients" : " with one client") + ", " +
                             std::to_string(devices) + " devices, limit " + limit;
    print("DevData received" + name, received / seconds, "1/s");
    print("bandwidth" + name, static_cast<double>(bytes) * 8 / seconds / 1e6, "Mbit/s");
    print("processor" + name, (after.cpu_seconds - before.cpu_seconds) / seconds * 100, "% of a core");
    print("wake-ups" + name, (after.wake_ups - before.wake_ups) / seconds, "1/s");
}

/// How long after the last sign of a client its motors are stopped: the inputs or the mode are gone.
void lost_client(const char* name, const std::function<void(DriverStation&)>& lose) {
    std::vector<double> times;
    for (int i = 0; i < rounds(10); ++i) {
        Field field;
        auto dawn = field.dawn();
        dawn.set_mode(::RunMode::TELEOP);
        dawn.keep_sending(gamepad(1));
        pause(second / 2);
        const Nanoseconds begin = now();
        lose(dawn);
        require(field.wait_for_state([](const RobotState& state) { return !state.gamepad_connected; }),
                "the gamepad does not go");
        times.push_back(microseconds_since(begin));
    }
    print_times(std::string("gamepad gone after ") + name, times);
}

/// How long after the last packet on a link that dies without a word the robot is idle, in a mode that needs
/// no inputs.
void dead_link() {
    std::vector<double> times;
    for (int i = 0; i < rounds(10); ++i) {
        set_loopback(true);
        Field field;
        auto dawn = field.dawn();
        dawn.set_mode(::RunMode::AUTO);
        require(field.wait_for_mode(runtime::RunMode::autonomous), "the mode is not taken");
        pause(second / 5);
        const Nanoseconds begin = now();
        set_loopback(false);
        require(field.wait_for_mode(runtime::RunMode::idle), "a dead link is not noticed");
        times.push_back(microseconds_since(begin));
    }
    print_times("robot idle after the link is dead", times);
    bench::print_promise("robot idle after the link is dead/max", bench::percentile(times, 1.0), 4'000'000,
                         "us");
}

/// Dead links are made in a network namespace, in which this program runs once more.
void dead_link_in_namespace() {
    std::string reason;
    if (const auto result = run_in_network_namespace({}, reason)) {
        std::fputs(result->output.c_str(), stdout);
        require(result->status == 0, "the benchmark of dead links failed");
    } else {
        std::fprintf(stderr, "no dead link: this machine allows no network namespace: %s\n", reason.c_str());
    }
}

class Quiet : public net::ConversationEvents {
    bool identified(net::Client) override { return true; }
    void time_requested(const net::TimeRequest&) override {}
    void noticed(net::Client, const net::Command&, net::Control::Notice) override {}
    void faulty(std::uint8_t, std::size_t, std::string_view) override {}
};

void core() {
    net::Control control(RobotState{}, now());
    Quiet events;
    net::Conversation conversation(control, events);
    const auto send = [&](const std::string& bytes) {
        std::copy(bytes.begin(), bytes.end(), conversation.space().begin());
        conversation.receive(bytes.size(), now());
    };
    send("\1");
    auto both = gamepad(3, {0.5F, 0, 0, 1});
    both.MergeFrom(keyboard(9));
    const std::string inputs = packet(5, both.SerializeAsString());
    send(inputs);
    const int count = rounds(1'000'000);
    const std::uint64_t allocated = allocations;
    const Nanoseconds begin = now();
    for (int i = 0; i < count; ++i)
        send(inputs);
    const Nanoseconds end = now();
    const double each = static_cast<double>(allocations - allocated) / count;
    print("UserInputs packet through the protocol core", static_cast<double>(end - begin) / count, "ns");
    print("allocations for it", each, "1/packet");
    bench::print_promise("allocations for it", each, 0, "1/packet");
}

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

int main() {
    try {
        if (in_network_namespace()) {
            dead_link();
            return 0;
        }
        core();
        inputs_to_shared_memory();
        value_to_client(1);
        value_to_client(32);
        packets_per_second();
        log_line_to_client();
        processor_time(1, "4", false);
        processor_time(32, "4", false);
        processor_time(32, "0", false);
        processor_time(32, "0", true);
        lost_client("it stops sending (20 ms before)", [](DriverStation& dawn) { dawn.stop_sending(); });
        lost_client("the connection is closed", [](DriverStation& dawn) { dawn.close(); });
        lost_client("it is not listed any more", [](DriverStation& dawn) { dawn.keep_sending(keyboard(0)); });
        dead_link_in_namespace();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_net_handler: %s\n", error.what());
        return 1;
    }
    return 0;
}
