#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <limits>

#include "tests/scenario/net_handler/field.hpp"

using namespace runtime;
using namespace runtime::test;

TEST_CASE("Dawn connects, selects TELEOP, drives with the gamepad and stops") {
    Field field;
    const auto before = field.state();
    CHECK(before.mode == runtime::RunMode::idle);
    CHECK(before.run_id > 0);
    CHECK_FALSE(before.driver_station_connected);

    auto dawn = field.dawn();
    CHECK(field.wait_for_state([](const RobotState& state) { return state.driver_station_connected; }));
    dawn.send_recorded("dawn_mode_teleop");
    CHECK(field.wait_for_mode(runtime::RunMode::teleop));
    CHECK(field.state().run_id == before.run_id + 1);

    dawn.keep_sending_recorded("dawn_inputs_gamepad_axes");
    CHECK(field.wait_for_inputs([](const Inputs& inputs) {
        return inputs.gamepad_connected && inputs.gamepad_axes == std::array<float, 4>{1, -1, -0.5F, 0.25F};
    }));
    CHECK(field.wait_for_state([](const RobotState& state) { return state.gamepad_connected; }));

    dawn.send_recorded("dawn_mode_idle");
    CHECK(field.wait_for_mode(runtime::RunMode::idle));
    CHECK(field.state().run_id == before.run_id + 1);
}

TEST_CASE("Dawn receives the devices, the logged values, the logs and the time") {
    Field field;
    std::vector<Value> values(16);
    values[0] = Value::of(0.5F);
    values[7] = Value::of(-1234);
    field.connect(3, field.type("KoalaBear"), 12345, values);
    auto dawn = field.dawn();
    field.log_values({{"speed", Value::of(2.5F)}}, ParameterKind::floating);

    const auto data = dawn.wait_for_devices([](const DevData& received) {
        return find_parameter(received, "CustomData", "speed") != nullptr &&
               find_parameter(received, "6_12345", "velocity_a") != nullptr;
    });
    REQUIRE(data);
    CHECK(find_parameter(*data, "6_12345", "velocity_a")->fval() == 0.5F);
    CHECK_FALSE(find_parameter(*data, "6_12345", "velocity_a")->readonly());
    CHECK(find_parameter(*data, "6_12345", "enc_a")->ival() == -1234);
    CHECK(find_parameter(*data, "6_12345", "invert_a")->val_case() == Param::kBval);
    CHECK(data->devices(data->devices_size() - 1).name() == "CustomData");
    CHECK(data->devices(data->devices_size() - 1).uid() == 2020);
    CHECK(data->devices(data->devices_size() - 1).type() == 32);
    CHECK(find_parameter(*data, "CustomData", "speed")->fval() == 2.5F);
    CHECK(find_parameter(*data, "CustomData", "speed")->readonly());
    CHECK(find_parameter(*data, "CustomData", "time_ms")->val_case() == Param::kIval);

    const auto time_ms = [&](DriverStation& station) {
        const auto shown =
            station.wait_for_devices([](const DevData& received) { return received.devices_size() == 2; });
        REQUIRE(shown);
        return find_parameter(*shown, "CustomData", "time_ms")->ival();
    };
    const auto earlier = time_ms(dawn);
    CHECK(wait_until([&] { return time_ms(dawn) > earlier; }));

    field.executor_log().append(LogLevel::info, LogSource::student, "hello from student code");
    CHECK(dawn.wait_for_log("hello") == "hello from student code");
    field.dev_handler_log().append(LogLevel::warning, LogSource::daemon, "port lost");
    CHECK(dawn.wait_for_log("port lost") == "[dev_handler] WARNING: port lost");

    const auto clock_ms = [] {
        const auto time = std::chrono::system_clock::now().time_since_epoch();
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
    };
    const auto before = clock_ms();
    dawn.send_recorded("dawn_ping");
    const auto answer = dawn.receive_until([](const ReceivedPacket& received) { return received.type == 6; });
    REQUIRE(answer);
    const auto stamps = answer->as<TimeStamps>();
    CHECK(stamps.dawn_timestamp() == 1'700'000'000'000);
    CHECK(stamps.runtime_timestamp() >= before);
    CHECK(stamps.runtime_timestamp() <= clock_ms());

    // Since this Dawn has connected, not since the first one has.
    CHECK(wait_until([&] { return time_ms(dawn) > 500; }));
    const Nanoseconds begin = now();
    DriverStation next(field.port());
    // Whole milliseconds there and here: one may begin between the two.
    const auto shown = time_ms(next);
    CHECK(shown <= (now() - begin) / millisecond + 1);

    field.disconnect(3);
    CHECK(next.wait_for_devices([](const DevData& received) { return received.devices_size() == 1; }));
}

TEST_CASE("Shepherd receives RuntimeStatus when something changes and nothing else") {
    Field field;
    auto shepherd = field.shepherd();
    CHECK(shepherd.wait_for_status([](const ::RuntimeStatus& status) {
        return status.shep_connected() && !status.dawn_connected() && status.mode() == ::RunMode::IDLE &&
               status.battery() == 0 && !status.version().empty();
    }));
    std::vector<Value> values(9);
    values[5] = Value::of(12.25F);
    field.connect(0, field.type("PDB"), 7, values);
    CHECK(shepherd.wait_for_status([](const ::RuntimeStatus& status) { return status.battery() == 12.25F; }));
    auto dawn = field.dawn();
    CHECK(shepherd.wait_for_status([](const ::RuntimeStatus& status) { return status.dawn_connected(); }));
    shepherd.send_recorded("shepherd_mode_auto");
    CHECK(shepherd.wait_for_status(
        [](const ::RuntimeStatus& status) { return status.mode() == ::RunMode::AUTO; }));
    for (int i = 0; i < 3; ++i) {
        const auto received = shepherd.receive();
        REQUIRE(received);
        CHECK(received->type == 6);
    }
    dawn.close();
    CHECK(shepherd.wait_for_status([](const ::RuntimeStatus& status) {
        return !status.dawn_connected() && status.mode() == ::RunMode::IDLE;
    }));
}

TEST_CASE("Shepherd is told what the battery has now, however small the change") {
    Field field;
    auto shepherd = field.shepherd();
    const auto set_battery = [&](float volts) {
        std::vector<Value> values(9);
        values[5] = Value::of(volts);
        field.connect(0, field.type("PDB"), 7, values);
    };
    for (const float volts : {12.25F, 12.28F}) {
        set_battery(volts);
        CHECK(shepherd.wait_for_status(
            [&](const ::RuntimeStatus& status) { return status.battery() == volts; }));
    }
    set_battery(std::numeric_limits<float>::quiet_NaN());
    CHECK(shepherd.wait_for_status([](const ::RuntimeStatus& status) { return status.battery() == 0; }));
    set_battery(12.5F);
    CHECK(shepherd.wait_for_status([](const ::RuntimeStatus& status) { return status.battery() == 12.5F; }));
    shepherd.close();
    REQUIRE(field.wait_for_state([](const RobotState& state) { return !state.field_control_connected; }));
    set_battery(9);
    auto dawn = field.dawn();
    REQUIRE(dawn.wait_for_devices([](const DevData& data) {
        const auto* volts = find_parameter(data, "PDB", "v_batt");
        return volts != nullptr && volts->fval() == 9;
    }));
    auto next = field.shepherd();
    const auto first = next.wait_for_status([](const ::RuntimeStatus&) { return true; });
    REQUIRE(first);
    CHECK(first->battery() == 9);
}

TEST_CASE("SIGTERM ends net_handler with status 0 and an idle robot") {
    Field field;
    auto dawn = field.dawn();
    dawn.set_mode(::RunMode::AUTO);
    CHECK(field.wait_for_mode(runtime::RunMode::autonomous));
    CHECK(field.net_handler().stop() == 0);
    CHECK(field.state().mode == runtime::RunMode::idle);
    CHECK_FALSE(field.state().driver_station_connected);
    CHECK(dawn.wait_for_end());
}
