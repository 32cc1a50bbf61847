#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>

#include "shm_wrapper/log_ring.hpp"
#include "tests/scenario/dev_handler/fake_device.hpp"
#include "tests/scenario/dev_handler/upper_daemons.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

constexpr std::uint8_t limit_switch = 1;
constexpr std::uint8_t koala_bear = 6;
constexpr std::size_t velocity_a = 0;
constexpr std::uint64_t uid = 12345;

struct Bench {
    Robot robot;
    UpperDaemons upper{robot.instance()};
    Process daemon = robot.start("dev_handler", {"--ports", robot.directory() + "/tty*"});

    Bench() { REQUIRE(daemon.wait_for_output("ready")); }
    std::string port(const std::string& name) const { return robot.directory() + "/tty" + name; }
    const LinkStatistics statistics(std::size_t slot) const {
        return upper.devices().slots[slot].statistics.read();
    }
    /// A connected KoalaBear that stands still.
    std::unique_ptr<FakeDevice> koala(const std::string& name, std::uint64_t id) {
        auto device = std::make_unique<FakeDevice>(port(name), upper.type(koala_bear), id);
        REQUIRE(device->acknowledge());
        upper.slot_of(koala_bear, id);
        REQUIRE(device->next_write());
        device->send({{0, 0}, {8, 0}});
        return device;
    }
    bool gone(std::uint8_t type, std::uint64_t id) {
        return upper.wait_for_devices([&] { return !upper.connected(type, id); });
    }
};

const wire::ValueMap zeros{{0, 0}, {8, 0}};

/// Whether a write stops and does nothing else. A motor that was seen at rest already may be missing in it.
bool only_zeros(const wire::ValueMap& write) {
    return std::all_of(write.begin(), write.end(),
                       [](const auto& value) { return zeros.count(value.first) == 1 && value.second == 0; });
}

}  // namespace

TEST_CASE("Every way in which the gate closes reaches the motors, and a late command does not") {
    Bench bench;
    const auto device = bench.koala("ACM0", uid);
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    struct Case {
        const char* what;
        void (*close)(UpperDaemons&);
        void (*open)(UpperDaemons&);
    };
    for (const auto& [what, close, open] : std::initializer_list<Case>{
             {"IDLE", [](UpperDaemons& u) { u.stop_run(); }, [](UpperDaemons&) {}},
             {"no gamepad", [](UpperDaemons& u) { u.robot([](auto& s) { s.gamepad_connected = false; }); },
              [](UpperDaemons&) {}},
             {"the student code failed",
              [](UpperDaemons& u) { u.student([](auto& s) { s.phase = StudentPhase::failed; }); },
              [](UpperDaemons&) {}},
             {"a new run", [](UpperDaemons& u) { u.robot([](auto& s) { ++s.run_id; }); },
              [](UpperDaemons&) {}},
             {"net_handler hangs", [](UpperDaemons& u) { u.net_handler_beats = false; },
              [](UpperDaemons& u) { u.net_handler_beats = true; }},
             {"executor hangs", [](UpperDaemons& u) { u.executor_beats = false; },
              [](UpperDaemons& u) { u.executor_beats = true; }}}) {
        INFO(what);
        bench.upper.start_run();
        const std::uint64_t run_id = bench.upper.run_id();
        // Heartbeats that come back may need one more: command until it passes.
        REQUIRE(wait_until([&] {
            bench.upper.command(slot, velocity_a, Value::of(0.5F));
            const auto write = device->next_write(20ms);
            return write == wire::ValueMap{{velocity_a, Value::of(0.5F).bits}};
        }));
        device->drain();
        device->send({{0, Value::of(0.5F).bits}, {8, 0}});
        close(bench.upper);
        REQUIRE(wait_until([&] { return device->next_write() == zeros; }));
        const auto refused = bench.statistics(slot).writes_refused;
        bench.upper.command(slot, velocity_a, Value::of(0.6F), run_id, 1);
        device->send({{0, 0}, {8, 0}});
        REQUIRE(wait_until([&] {
            device->send({{0, 0}, {8, 0}});
            return bench.statistics(slot).writes_refused > refused;
        }));
        REQUIRE(
            bench.daemon.wait_for_output("ignored a command to velocity_a of 6_12345 (KoalaBear) because "));
        open(bench.upper);
        while (const auto write = device->next_write(30ms))
            REQUIRE(only_zeros(*write));
    }
}

TEST_CASE("A device that reconnects in a run starts with nothing commanded") {
    Bench bench;
    auto device = bench.koala("ACM0", uid);
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    bench.upper.start_run();
    bench.upper.command(slot, velocity_a, Value::of(0.5F));
    REQUIRE(device->next_write() == wire::ValueMap{{velocity_a, Value::of(0.5F).bits}});
    device->unplug();
    REQUIRE(bench.gone(koala_bear, uid));
    // A command for the connection that is gone is not for the next one.
    bench.upper.command(slot, velocity_a, Value::of(0.9F), bench.upper.run_id(), 1);
    device = bench.koala("ACM0", uid);
    CHECK(bench.upper.slot_of(koala_bear, uid) == slot);
    CHECK(bench.upper.devices().slots[slot].identity.read().generation == 2);
    while (const auto write = device->next_write(50ms))
        CHECK(only_zeros(*write));
    bench.upper.command(slot, velocity_a, Value::of(0.25F));
    CHECK(device->next_write() == wire::ValueMap{{velocity_a, Value::of(0.25F).bits}});
}

TEST_CASE("A hundred unplugs and replugs under the same name leave one connected device and no descriptor") {
    Bench bench;
    const auto descriptors = [&] {
        const std::filesystem::directory_iterator list("/proc/" + std::to_string(bench.daemon.pid()) + "/fd");
        return std::distance(begin(list), end(list));
    };
    const auto before = descriptors();
    for (int i = 0; i < 100; ++i) {
        FakeDevice device(bench.port("ACM0"), bench.upper.type(limit_switch), uid);
        REQUIRE(device.acknowledge());
        const std::size_t slot = bench.upper.slot_of(limit_switch, uid);
        REQUIRE(bench.upper.devices().slots[slot].identity.read().generation == static_cast<unsigned>(i + 1));
        device.unplug();
        REQUIRE(bench.gone(limit_switch, uid));
    }
    CHECK(wait_until([&] { return descriptors() == before; }));
}

TEST_CASE("A port that changes its name keeps its device's slot") {
    Bench bench;
    std::size_t slot = 0;
    {
        FakeDevice device(bench.port("ACM0"), bench.upper.type(limit_switch), uid);
        REQUIRE(device.acknowledge());
        slot = bench.upper.slot_of(limit_switch, uid);
    }
    REQUIRE(bench.gone(limit_switch, uid));
    FakeDevice device(bench.port("ACM1"), bench.upper.type(limit_switch), uid);
    REQUIRE(device.acknowledge());
    CHECK(bench.upper.slot_of(limit_switch, uid) == slot);
}

TEST_CASE("RST and silence end a connection, and the device comes back by itself") {
    Bench bench;
    FakeDevice device(bench.port("ACM0"), bench.upper.type(limit_switch), uid);
    REQUIRE(device.acknowledge());
    const std::size_t slot = bench.upper.slot_of(limit_switch, uid);
    device.send({{0, 1}});
    SECTION("RST") {
        device.write(wire::encode(wire::reset, {}));
    }
    SECTION("silence") {}
    SECTION("a second acknowledgement: it has restarted") {
        device.write(wire::acknowledge(limit_switch, uid));
    }
    REQUIRE(bench.gone(limit_switch, uid));
    // Its last values stay, but belong to a connection that is over.
    CHECK(bench.upper.devices().slots[slot].data.read().values[0].boolean());
    REQUIRE(device.read_until(wire::reset));
    REQUIRE(device.acknowledge());
    CHECK(bench.upper.slot_of(limit_switch, uid) == slot);
    CHECK(bench.upper.devices().slots[slot].identity.read().generation == 2);
    CHECK(bench.upper.devices().slots[slot].data.read().received == 0);
}

TEST_CASE("A device that was still streaming from an earlier opening connects at once") {
    Bench bench;
    FakeDevice device(bench.port("ACM0"), bench.upper.type(limit_switch), uid);
    device.send({{0, 1}});
    REQUIRE(device.read_until(wire::reset));
    device.send({{0, 1}});
    REQUIRE(device.acknowledge());
    bench.upper.slot_of(limit_switch, uid);
}

TEST_CASE("When dev_handler is killed, the next one resets what it finds, and no generation repeats") {
    Bench bench;
    const auto device = bench.koala("ACM0", uid);
    bench.upper.start_run();
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    bench.upper.command(slot, velocity_a, Value::of(0.5F));
    REQUIRE(device->next_write());
    bench.daemon.signal(SIGKILL);
    REQUIRE(bench.daemon.wait());
    device->drain();
    bench.daemon = bench.robot.start("dev_handler", {"--ports", bench.robot.directory() + "/tty*"});
    REQUIRE(device->read_until(wire::reset));
    REQUIRE(device->acknowledge());
    REQUIRE(device->next_write() == zeros);
    CHECK(bench.upper.slot_of(koala_bear, uid) == slot);
    CHECK(bench.upper.devices().slots[slot].identity.read().generation == 2);
    while (const auto write = device->next_write(50ms))
        CHECK(only_zeros(*write));
}

TEST_CASE("Noise between frames costs no frame, is counted, and is told once") {
    Bench bench;
    FakeDevice device(bench.port("ACM0"), bench.upper.type(limit_switch), uid);
    REQUIRE(device.acknowledge());
    const std::size_t slot = bench.upper.slot_of(limit_switch, uid);
    const Bytes good = wire::values(wire::device_data, device.type(), {{0, 1}});
    Bytes bad_sum = good;
    bad_sum.back() ^= 0x7F;
    constexpr std::uint64_t rounds = 200;
    for (std::uint64_t i = 0; i < rounds; ++i) {
        device.write({0x41, 0x42});
        device.write(good);
        device.write(bad_sum);
        device.write({0x00, 0xFF});
        device.write(wire::encode(wire::log, {'x'}));
        device.write({0x00, 0x04, 0x02});
        device.write(good);
    }
    REQUIRE(wait_until([&] { return bench.statistics(slot).frames_received >= 1 + 3 * rounds; }));
    const LinkStatistics statistics = bench.statistics(slot);
    CHECK(statistics.frames_received == 1 + 3 * rounds);  // ACK, twice DATA, LOG without NUL
    CHECK(statistics.bad_checksums == rounds);
    CHECK(statistics.bad_frames == 2 * rounds);
    CHECK(statistics.bad_messages == rounds);
    CHECK(statistics.resyncs == rounds);
    CHECK(bench.daemon.wait_for_output("bad input from 1_12345 (LimitSwitch)"));
    CHECK(bench.upper.connected(limit_switch, uid));
}

TEST_CASE("Foreign devices, unknown types and duplicates are named once and disturb nobody") {
    Bench bench;
    FakePort gps(bench.port("USB0"));
    FakePort unknown(bench.port("USB1"));
    FakeDevice device(bench.port("USB2"), bench.upper.type(limit_switch), uid);
    REQUIRE(device.acknowledge());
    bench.upper.slot_of(limit_switch, uid);
    REQUIRE(unknown.read_until(wire::ping));
    unknown.write(wire::acknowledge(200, 9));
    CHECK(bench.daemon.wait_for_output("has type 200"));
    FakeDevice twin(bench.port("USB3"), bench.upper.type(limit_switch), uid);
    REQUIRE(twin.acknowledge());
    CHECK(bench.daemon.wait_for_output("is connected on " + device.path() + " already"));
    CHECK(bench.upper.connected(limit_switch, uid));
    const std::string sentence = "$GPGGA,123519,4807.038,N\r\n";
    CHECK(wait_until([&] {
        gps.write(Bytes(sentence.begin(), sentence.end()));
        gps.drain();
        device.send({{0, 1}});
        device.drain();
        return bench.daemon.wait_for_output("is not a device of this robot", 100ms);
    }));
    CHECK(bench.daemon.matched_line().find("$GPGGA") != std::string::npos);
    // The twin takes over as soon as the first is gone.
    device.unplug();
    REQUIRE(twin.acknowledge());
    REQUIRE(wait_until([&] { return bench.upper.connected(limit_switch, uid); }));
}

TEST_CASE("The 33rd device is refused and takes the first slot that becomes free") {
    Bench bench;
    std::vector<std::unique_ptr<FakeDevice>> devices;
    for (std::uint64_t id = 0; id < max_devices; ++id) {
        devices.push_back(std::make_unique<FakeDevice>(bench.port("ACM" + std::to_string(id)),
                                                       bench.upper.type(koala_bear), id));
        REQUIRE(devices.back()->acknowledge());
        bench.upper.slot_of(koala_bear, id);
        for (const auto& other : devices)
            other->send({{0, 0}, {8, 0}});
    }
    FakeDevice late(bench.port("ACM99"), bench.upper.type(koala_bear), 99);
    REQUIRE(late.acknowledge());
    REQUIRE(bench.daemon.wait_for_output("6_99 (KoalaBear) on " + late.path() + " is refused"));
    const std::size_t slot = bench.upper.slot_of(koala_bear, 7);
    late.drain();
    devices[7]->unplug();
    REQUIRE(late.acknowledge());
    CHECK(bench.upper.slot_of(koala_bear, 99) == slot);
}

TEST_CASE("A device that does not read is not waited for, and gets only whole frames when it reads again") {
    Bench bench;
    const auto deaf = bench.koala("ACM0", 1);
    const auto healthy = bench.koala("ACM1", 2);
    const std::size_t deaf_slot = bench.upper.slot_of(koala_bear, 1);
    const std::size_t healthy_slot = bench.upper.slot_of(koala_bear, 2);
    bench.upper.start_run();
    healthy->drain();
    // More than the kernel's buffer of a terminal holds.
    wire::ValueMap many;
    for (std::size_t i = 1; i < 7; ++i)
        many[i] = Value::of(0.125F).bits;
    std::uint64_t count = 0;
    REQUIRE(wait_until([&] {
        bench.upper.command(deaf_slot, many);
        ++count;
        deaf->send(zeros);
        healthy->send(zeros);
        return bench.statistics(deaf_slot).writes_coalesced > 100;
    }));
    bench.upper.command(healthy_slot, velocity_a, Value::of(0.5F));
    CHECK(healthy->next_write() == wire::ValueMap{{velocity_a, Value::of(0.5F).bits}});
    // It reads again: all that was written arrives whole, the zeros of the stop first of what was not.
    bench.upper.stop_run();
    REQUIRE(healthy->next_write() == zeros);
    std::optional<wire::ValueMap> last;
    while ((last = deaf->next_write()) && *last != zeros) {
    }
    CHECK(last == zeros);
    while (const auto write = deaf->next_write(30ms))
        CHECK(only_zeros(*write));
    CHECK(deaf->bad_frames() == 0);
}

TEST_CASE("Floods of garbage and of LOG texts delay no other device") {
    Bench bench;
    const auto device = bench.koala("ACM0", uid);
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    FakePort garbage(bench.port("USB0"));
    FakeDevice talker(bench.port("USB1"), bench.upper.type(limit_switch), 3);
    REQUIRE(talker.acknowledge());
    const std::size_t talker_slot = bench.upper.slot_of(limit_switch, 3);
    bench.upper.start_run();
    const Bytes noise(2048, 0xA5);
    const Bytes text = wire::text("too much to say \x01\xFF");
    for (int i = 0; i < 300; ++i) {
        garbage.write(noise);
        garbage.drain();
        for (int k = 0; k < 10; ++k)
            talker.write(text);
        talker.drain();
        device->send(zeros);
        const float value = static_cast<float>(i) / 1000.0F;
        // Again and again: on a busy machine late heartbeats may close the gate for a moment.
        REQUIRE(wait_until([&] {
            bench.upper.command(slot, velocity_a, Value::of(value));
            return device->next_write(200ms) == wire::ValueMap{{velocity_a, Value::of(value).bits}};
        }));
    }
    CHECK(wait_until([&] { return bench.statistics(talker_slot).frames_received == 3001; }));
    LogReader log(bench.robot.instance(), "dev_handler", LogReader::From::oldest);
    int lines = 0;
    while (const auto line = log.next()) {
        lines += line->source == LogSource::device ? 1 : 0;
        if (line->source == LogSource::device)
            CHECK(line->text == "LimitSwitch 1_3: too much to say ?\uFFFD");
    }
    CHECK(lines > 0);
    CHECK(lines < 3000);
}

TEST_CASE(
    "A hostile student process cannot move a motor beyond its bounds, nor anything while the gate is "
    "closed") {
    Bench bench;
    const auto device = bench.koala("ACM0", uid);
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    SlotCommands hostile{};
    hostile.run_id = bench.upper.run_id() + 1;
    hostile.generation = 1;
    hostile.values.fill(Value::of(std::numeric_limits<float>::quiet_NaN()));
    hostile.values[velocity_a] = Value::of(1e30F);
    const auto attack = [&] {
        for (auto& counter : hostile.counters)
            counter += 0x10001;
        for (auto& cell : bench.upper.commands().slots)
            cell.publish(hostile);
        bench.upper.commands().changed.notify();
    };
    const auto refused = bench.statistics(slot).writes_refused;
    REQUIRE(wait_until([&] {
        attack();
        device->send(zeros);
        return bench.statistics(slot).writes_refused > refused;
    }));
    while (const auto write = device->next_write(30ms))
        REQUIRE(only_zeros(*write));
    bench.upper.start_run();
    attack();
    const auto write = device->next_write();
    REQUIRE(write);
    CHECK(Value{write->at(velocity_a)}.floating() == 1.0F);
    CHECK(Value{write->at(8)}.floating() == 0.0F);
    CHECK(write->count(1) == 0);  // NaN for a parameter that does not move the robot
}

TEST_CASE("After dev_handler was killed, the black box shows the last frames in both directions") {
    Bench bench;
    const auto device = bench.koala("ACM0", uid);
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    bench.upper.start_run();
    bench.upper.command(slot, velocity_a, Value::of(0.5F));
    REQUIRE(device->next_write());
    device->send({{velocity_a, Value::of(0.375F).bits}});
    device->write({0x00, 0x04, 0x02, 0x01, 0x02, 0x02});
    device->write(wire::text("ouch"));
    REQUIRE(bench.daemon.wait_for_output("ouch"));
    bench.daemon.signal(SIGKILL);
    REQUIRE(bench.daemon.wait());
    const Result shown = run({"wire_log", "--instance", bench.robot.instance(), "--device", "6_12345"});
    CHECK(shown.status == 0);
    for (const char* expected : {"6_12345 (KoalaBear)", "-> ", "DEVICE_WRITE velocity_a=0.5",
                                 "DEVICE_DATA velocity_a=0.375", "FAULTY  [000402010202]", "LOG ouch"}) {
        INFO(shown.output);
        CHECK(shown.output.find(expected) != std::string::npos);
    }
    CHECK(run({"wire_log", "--instance", bench.robot.instance(), "--device", "6_1"}).status == 1);
}
