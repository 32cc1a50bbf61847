// Networks and clients as bad as they come: nothing ends, leaks, spins, or disturbs the other client.
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <list>
#include <thread>

#include "tests/scenario/net_handler/field.hpp"
#include "tests/scenario/net_handler/line_count.hpp"
#include "tests/support/process_table.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

bool answers(DriverStation& dawn) {
    dawn.send_recorded("dawn_ping");
    return dawn.receive_until([](const ReceivedPacket& received) { return received.type == 6; }).has_value();
}

/// Waits for a line with this text that says how often it has happened in all.
bool says_total(Process& net_handler, const std::string& text, int total) {
    while (net_handler.wait_for_output(text))
        if (net_handler.matched_line().find(", " + std::to_string(total) + " in all") != std::string::npos)
            return true;
    return false;
}

/// Sends while the other side takes it: whether it has taken everything.
bool try_to_send(DriverStation& client, const std::string& bytes) {
    try {
        client.send_bytes(bytes);
    } catch (const std::runtime_error&) {
        return false;
    }
    return true;
}

}  // namespace

TEST_CASE("bytes that are no client's close the connection and nothing else") {
    Field field;
    const LineCount notes(field.net_handler(), "without the first byte");
    auto dawn = field.dawn();
    for (const char* start : {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "\x02", "\xFF\xFF\xFF", "\x7F"}) {
        auto stranger = DriverStation::silent(field.port());
        stranger.send_bytes(start);
        CHECK(stranger.wait_for_end());
    }
    CHECK(answers(dawn));
    CHECK(says_total(field.net_handler(), "without the first byte", 5));
    CHECK(notes.once_a_second());
}

TEST_CASE("who says nothing for a second is closed") {
    Field field;
    const Nanoseconds before = now();
    auto stranger = DriverStation::silent(field.port());
    auto half = DriverStation::silent(field.port());
    half.send_bytes(std::string("\5\xFF", 2));
    CHECK(stranger.wait_for_end());
    CHECK(now() - before >= second);
    CHECK(half.wait_for_end());
}

TEST_CASE("a thousand connections that say nothing cost little and keep nobody out") {
    Field field;
    auto dawn = field.dawn();
    REQUIRE(answers(dawn));
    const auto files = open_descriptors(field.net_handler().pid());
    std::list<DriverStation> strangers;
    for (int i = 0; i < 1000; ++i) {
        strangers.push_back(DriverStation::silent(field.port()));
        if (i % 100 == 0)
            CHECK(answers(dawn));
        CHECK(open_descriptors(field.net_handler().pid()) <= files + 40);
        if (strangers.size() > 200)
            strangers.pop_front();
    }
    auto shepherd = field.shepherd();
    CHECK(shepherd.wait_for_status([](const ::RuntimeStatus& status) { return status.shep_connected(); }));
    CHECK(answers(dawn));
    strangers.clear();
    shepherd.close();
    CHECK(wait_until([&] { return open_descriptors(field.net_handler().pid()) <= files; }));
}

TEST_CASE("strangers of one address, however many and quick, keep no other address out") {
    Field field;
    std::atomic<bool> enough{false};
    std::atomic<std::uint64_t> opened{0};
    std::thread flooder([&] {
        // As many as the machine allows; the newest stay open, and say nothing.
        std::list<DriverStation> strangers;
        while (!enough) {
            strangers.push_back(DriverStation::silent(field.port(), "127.0.0.1", "127.0.0.2"));
            if (strangers.size() > 200) {
                strangers.front().reset();
                strangers.pop_front();
            }
            ++opened;
        }
    });
    REQUIRE(wait_until([&] { return opened > 100; }));
    const auto gets_in = [&] {
        auto dawn = DriverStation::silent(field.port());
        // More than 32 others come while this one has not said anything. It has a second for it, which may
        // not be enough where all of this goes slowly: then again.
        const auto before = opened.load();
        return wait_until([&] { return opened > before + 50; }) &&
               try_to_send(dawn, recorded_packet("dawn_ident") + recorded_packet("dawn_ping")) &&
               dawn.receive_until([](const ReceivedPacket& received) { return received.type == 6; });
    };
    CHECK(wait_until(gets_in));
    // Told of as soon as they come fast enough to crowd each other out.
    CHECK(field.net_handler().wait_for_output("do not say who they are; closed one from 127.0.0.2"));
    enough = true;
    flooder.join();
}

TEST_CASE("too few file descriptors: it says so, goes on, and serves again when there are some") {
    Robot robot;
    Process net_handler(
        {"/bin/sh", "-c",
         "ulimit -n 24; exec " + program("net_handler") + " --port 0 --instance " + robot.instance()});
    const auto port = port_of(net_handler);
    const LineCount complaints(net_handler, "cannot accept a connection");
    std::list<DriverStation> strangers;
    for (int i = 0; i < 30; ++i)
        strangers.push_back(DriverStation::silent(port));
    CHECK(net_handler.wait_for_output("cannot accept a connection"));
    DriverStation dawn(port);
    CHECK(answers(dawn));
    CHECK(complaints.once_a_second());
}

TEST_CASE("bad packets are counted and logged once a second, and the next good one counts") {
    Field field;
    const LineCount complaints(field.net_handler(), "bad packet");
    auto dawn = field.dawn();
    std::string nonsense;
    for (int i = 0; i < 2000; ++i)
        nonsense += packet(0, "\x08\x07") + packet(99, "abc") + packet(5, "\xFF");
    nonsense += packet(5, std::string(65535, '\xAA')) + packet(200, std::string(65535, '\0'));
    dawn.send_bytes(nonsense);
    dawn.set_mode(::RunMode::TELEOP);
    CHECK(field.wait_for_mode(runtime::RunMode::teleop));
    CHECK(answers(dawn));
    CHECK(says_total(field.net_handler(), "bad packet", 6002));
    CHECK(complaints.once_a_second());
}

TEST_CASE("a client that connects anew for each bad packet is logged no more often than one that stays") {
    Field field;
    const LineCount bad(field.net_handler(), "bad packet");
    const LineCount arrivals(field.net_handler(), "driver station connected");
    const LineCount ends(field.net_handler(), "driver station disconnected");
    for (int i = 0; i < 200; ++i) {
        auto dawn = field.dawn();
        dawn.send_bytes(packet(99, "abc"));
        CHECK(answers(dawn));
    }
    CHECK(bad.lines() >= 1);
    CHECK(bad.once_a_second());
    CHECK(arrivals.once_a_second(6));
    CHECK(ends.once_a_second(6));
}

TEST_CASE(
    "axes that are no numbers, 3 or 300 of them, and thousands of entries reach the robot as safe ones") {
    Field field;
    auto dawn = field.dawn();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    dawn.keep_sending(gamepad(1, {nan, std::numeric_limits<float>::infinity(), -7, 0.5F}));
    CHECK(field.wait_for_inputs([](const Inputs& inputs) {
        return inputs.gamepad_buttons == 1 && inputs.gamepad_axes == std::array<float, 4>{0, 0, -1, 0.5F};
    }));
    auto long_list = gamepad(2, {1, 1, 1, 1});
    for (int i = 0; i < 296; ++i)
        long_list.mutable_inputs(0)->add_axes(nan);
    dawn.keep_sending(long_list);
    CHECK(field.wait_for_inputs([](const Inputs& inputs) {
        return inputs.gamepad_buttons == 2 && inputs.gamepad_axes == std::array<float, 4>{1, 1, 1, 1};
    }));
    ::UserInputs crowd;
    for (int i = 0; i < 10000; ++i)
        crowd.add_inputs();
    dawn.send_inputs(crowd);
    dawn.keep_sending(gamepad(4));
    CHECK(field.wait_for_inputs([](const Inputs& inputs) { return inputs.gamepad_buttons == 4; }));
}

TEST_CASE("one byte at a time is understood") {
    Field field;
    auto dawn = DriverStation::silent(field.port());
    const auto send_singly = [&](const std::string& bytes) {
        for (const char byte : bytes)
            dawn.send_bytes(std::string(1, byte));
    };
    send_singly("\1" + recorded_packet("dawn_mode_teleop"));
    CHECK(field.wait_for_mode(runtime::RunMode::teleop));
    // Again and again: inputs that are not followed by others go stale.
    CHECK(wait_until([&] {
        send_singly(recorded_packet("dawn_inputs_gamepad_axes"));
        return field.inputs().gamepad_axes[0] == 1;
    }));
}

TEST_CASE("half a packet and then silence ends the connection and the mode") {
    Field field;
    auto dawn = field.dawn();
    const auto run = field.state().run_id;
    dawn.set_mode(::RunMode::AUTO);
    dawn.send_bytes(std::string("\5\x20\0\1\2", 5));
    CHECK(field.wait_for_state([&](const RobotState& state) {
        return state.run_id == run + 1 && state.mode == runtime::RunMode::idle;
    }));
    CHECK(dawn.wait_for_end());
    CHECK(field.net_handler().wait_for_output("stopped in the middle of a packet"));
}

TEST_CASE("a Dawn that never reads does not disturb Shepherd, and does not stay") {
    Field field;
    for (std::size_t slot = 0; slot < max_devices; ++slot)
        field.connect(slot, field.type("GeneralTestDevice"), slot,
                      std::vector<Value>(max_parameters, Value::of(-1)));
    auto shepherd = field.shepherd();
    shepherd.set_mode(::RunMode::AUTO);
    REQUIRE(field.wait_for_mode(runtime::RunMode::autonomous));
    auto dawn = field.dawn();
    CHECK(shepherd.wait_for_status([](const ::RuntimeStatus& status) {
        return status.dawn_connected() && status.mode() == ::RunMode::AUTO;
    }));
    // Answers that it does not read either, until it is given up.
    for (int i = 0; i < 20000 && try_to_send(dawn, recorded_packet("dawn_ping")); ++i) {
    }
    CHECK(shepherd.wait_for_status([](const ::RuntimeStatus& status) { return !status.dawn_connected(); }));
    CHECK(field.wait_for_mode(runtime::RunMode::idle));
}

TEST_CASE("clients that connect and reset by the hundred leave nothing behind") {
    Field field;
    const LineCount notes(field.net_handler(), "without the first byte");
    auto shepherd = field.shepherd();
    REQUIRE(shepherd.wait_for_status([](const ::RuntimeStatus&) { return true; }));
    const auto files = open_descriptors(field.net_handler().pid());
    for (int i = 0; i < 300; ++i) {
        auto dawn = field.dawn();
        dawn.send_recorded("dawn_inputs_gamepad_axes");
        dawn.reset();
        auto scan = DriverStation::silent(field.port());
        scan.reset();
    }
    CHECK(wait_until([&] { return open_descriptors(field.net_handler().pid()) <= files; }));
    CHECK(field.wait_for_state([](const RobotState& state) {
        return !state.driver_station_connected && !state.gamepad_connected && state.field_control_connected;
    }));
    CHECK(field.net_handler().running());
    CHECK(says_total(field.net_handler(), "without the first byte", 300));
    CHECK(notes.once_a_second());
}

TEST_CASE("a student process that writes nonsense into custom-data spoils nothing") {
    Field field;
    auto dawn = field.dawn();
    auto& block = field.custom_data();
    CustomValue broken{};
    broken.key.fill('\xFF');
    broken.kind = static_cast<ParameterKind>(200);
    for (auto& cell : block.values)
        cell.publish(broken);
    block.extent.publish({field.state().run_id, 255});
    CHECK(dawn.wait_for_devices([](const DevData& data) { return data.devices(0).params_size() == 1; }));
    block.extent.publish({field.state().run_id, ~0ULL});
    CHECK(dawn.wait_for_devices([](const DevData& data) { return data.devices(0).params_size() == 1; }));
    field.log_values({{"good", Value::of(1)}}, ParameterKind::integer);
    CHECK(dawn.wait_for_devices([](const DevData& data) { return data.devices(0).params_size() == 2; }));
    // Values of another run are not of this one.
    block.extent.publish({field.state().run_id + 1, 1});
    CHECK(dawn.wait_for_devices([](const DevData& data) { return data.devices(0).params_size() == 1; }));
}
