#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <limits>

#include "tests/scenario/dev_handler/test_bench.hpp"

using namespace runtime;
using namespace runtime::test;

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
             {"net_handler hangs", [](UpperDaemons& u) { u.net_handler_beats(false); },
              [](UpperDaemons& u) { u.net_handler_beats(true); }},
             {"executor hangs", [](UpperDaemons& u) { u.executor_beats(false); },
              [](UpperDaemons& u) { u.executor_beats(true); }}}) {
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

TEST_CASE("The motors of a daemon that hangs are told to stop within 100 ms of its last heartbeat") {
    Bench bench;
    const auto device = bench.koala("ACM0", uid);
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    bench.upper.start_run();
    for (const auto beats : {&UpperDaemons::net_handler_beats, &UpperDaemons::executor_beats}) {
        Nanoseconds fastest = second;
        // A machine that is busy makes one of them late, not all.
        for (int attempt = 0; attempt < 20 && fastest >= 100 * millisecond; ++attempt) {
            REQUIRE(wait_until([&] {
                bench.upper.command(slot, velocity_a, Value::of(0.5F));
                device->send({{0, 0}, {8, 0}});
                return device->next_write(20ms) == wire::ValueMap{{velocity_a, Value::of(0.5F).bits}};
            }));
            device->drain();
            const Nanoseconds hangs = now();
            (bench.upper.*beats)(false);
            REQUIRE(wait_until([&] { return device->next_write() == zeros; }));
            fastest = std::min(fastest, now() - hangs);
            (bench.upper.*beats)(true);
        }
        CHECK(fastest < 100 * millisecond);
        // Two heartbeats may come late.
        CHECK(fastest >= 3 * heartbeat_period);
    }
}

TEST_CASE("A change whose wake is lost opens the gate, and closes it, all the same") {
    Bench bench;
    const auto device = bench.koala("ACM0", uid);
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    bench.upper.lose_wakes();
    bench.upper.start_run();
    REQUIRE(wait_until([&] {
        device->send({{0, 0}, {8, 0}});
        bench.upper.command(slot, velocity_a, Value::of(0.5F));
        return device->next_write(20ms) == wire::ValueMap{{velocity_a, Value::of(0.5F).bits}};
    }));
    device->drain();
    bench.upper.stop_run();
    REQUIRE(wait_until([&] { return device->next_write() == zeros; }));
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
    const DeviceIdentity expected = bench.upper.devices().slots[slot].identity.read();
    CHECK_FALSE(expected.connected);
    CHECK(expected.expected_until > expected.since);
    REQUIRE(device->acknowledge());
    REQUIRE(device->next_write() == zeros);
    CHECK(bench.upper.slot_of(koala_bear, uid) == slot);
    const DeviceIdentity back = bench.upper.devices().slots[slot].identity.read();
    CHECK(back.generation == 2);
    CHECK(back.expected_until == 0);
    while (const auto write = device->next_write(50ms))
        CHECK(only_zeros(*write));
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

TEST_CASE("A zero that got lost on the line is told again, also while motion is allowed") {
    Bench bench;
    const auto device = bench.koala("ACM0", uid);
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    bench.upper.start_run(RunMode::autonomous);
    bench.upper.command(slot, velocity_a, Value::of(0.5F));
    REQUIRE(device->next_write() == wire::ValueMap{{velocity_a, Value::of(0.5F).bits}});
    wire::ValueMap told{{velocity_a, 0}};
    SECTION("of the student code") {
        bench.upper.command(slot, velocity_a, Value::of(0.0F));
    }
    SECTION("of DEHYDRATION") {
        bench.upper.robot([](RobotState& robot) { robot.dehydration_until = now() + 3600 * second; });
    }
    SECTION("of a change from AUTO to TELEOP, which a value from before seemed to confirm") {
        bench.upper.start_run(RunMode::teleop);
        told = zeros;
    }
    REQUIRE(device->next_write() == told);
    device->send(zeros);
    while (device->next_write(50ms)) {
    }
    device->send({{velocity_a, Value::of(0.5F).bits}, {8, 0}});
    for (int i = 0; i < 3; ++i)
        REQUIRE(device->next_write() == wire::ValueMap{{velocity_a, 0}});
    device->send(zeros);
    while (const auto write = device->next_write(50ms))
        REQUIRE(only_zeros(*write));
}

TEST_CASE(
    "A device that restarts right after it was connected is reset before it is left alone for a while") {
    Bench bench;
    FakeDevice device(bench.port("ACM0"), bench.upper.type(koala_bear), uid);
    REQUIRE(device.read_until(wire::ping));
    auto twice = wire::acknowledge(koala_bear, uid);
    const auto again = twice;
    twice.insert(twice.end(), again.begin(), again.end());
    device.write(twice);
    // One RST at once, since what it was told meanwhile may move it; and the one with which it is asked anew.
    int resets = 0;
    for (auto frame = device.read(); frame && frame->id != wire::ping; frame = device.read())
        resets += frame->id == wire::reset ? 1 : 0;
    CHECK(resets == 2);
}
