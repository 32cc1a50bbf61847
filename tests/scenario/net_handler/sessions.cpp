// What the clients of the field do, against the real net_handler.
#include <catch2/catch.hpp>

#include "tests/scenario/net_handler/field.hpp"

using namespace runtime;
using namespace runtime::test;

TEST_CASE("packets that Dawn's queue puts before its identity are skipped") {
    Field field;
    auto dawn = DriverStation::silent(field.port());
    dawn.send_bytes(bytes_from_hex("05000005000001"));
    dawn.send_recorded("dawn_mode_auto");
    CHECK(field.wait_for_mode(runtime::RunMode::autonomous));
}

TEST_CASE("a second connection of the same client replaces the first, and the robot is idle") {
    Field field;
    for (const auto kind : {DriverStation::Kind::dawn, DriverStation::Kind::shepherd}) {
        DriverStation first(field.port(), kind);
        first.set_mode(::RunMode::AUTO);
        REQUIRE(field.wait_for_mode(runtime::RunMode::autonomous));
        DriverStation second(field.port(), kind);
        CHECK(first.wait_for_end());
        CHECK(field.wait_for_state([&](const RobotState& state) {
            return state.mode == runtime::RunMode::idle &&
                   (kind == DriverStation::Kind::dawn ? state.driver_station_connected
                                                      : state.field_control_connected);
        }));
        second.set_mode(::RunMode::TELEOP);
        CHECK(field.wait_for_mode(runtime::RunMode::teleop));
        second.close();
        CHECK(field.wait_for_mode(runtime::RunMode::idle));
        CHECK(field.wait_for_state([](const RobotState& state) {
            return !state.driver_station_connected && !state.field_control_connected;
        }));
    }
}

TEST_CASE("a command is carried out though the connection ends, is reset or is replaced right after it") {
    Field field;
    const auto right = [](const RobotState& state) { return state.start_position == StartPosition::right; };
    const auto left = [](const RobotState& state) { return state.start_position == StartPosition::left; };
    for (int round = 0; round < 20; ++round) {
        {
            auto shepherd = field.shepherd();
            shepherd.send_recorded("shepherd_startpos_right");
        }
        REQUIRE(field.wait_for_state(right));
        {
            auto shepherd = field.shepherd();
            shepherd.send_recorded("shepherd_startpos_left");
            auto second = field.shepherd();
            REQUIRE(field.wait_for_state(left));
        }
        const auto run = field.state().run_id;
        {
            auto shepherd = field.shepherd();
            shepherd.send_bytes(recorded_packet("shepherd_mode_teleop"));
        }
        REQUIRE(field.wait_for_state([&](const RobotState& state) {
            return state.run_id == run + 1 && state.mode == runtime::RunMode::idle;
        }));
    }
}

TEST_CASE("a mode and a game state that the end of the connection follows at once are carried out first") {
    Field field;
    const auto run = field.state().run_id;
    {
        auto shepherd = field.shepherd();
        shepherd.send_bytes(recorded_packet("shepherd_mode_auto") +
                            recorded_packet("shepherd_gamestate_poison_ivy"));
    }
    // The end itself causes IDLE, in which there are no game states.
    REQUIRE(field.net_handler().wait_for_output("POISON_IVY"));
    CHECK(field.net_handler().matched_line().find("ignored") == std::string::npos);
    CHECK(field.wait_for_state([&](const RobotState& state) {
        return state.run_id == run + 1 && state.mode == runtime::RunMode::idle && state.poison_ivy_until == 0;
    }));
    {
        auto dawn = field.dawn();
        dawn.send_bytes(recorded_packet("dawn_startpos_right") + recorded_packet("dawn_mode_teleop"));
    }
    CHECK(field.wait_for_state([&](const RobotState& state) {
        return state.run_id == run + 2 && state.mode == runtime::RunMode::idle &&
               state.start_position == StartPosition::right;
    }));
}

TEST_CASE("with both clients connected each receives its own kinds of packets and no others") {
    Field field;
    field.connect(0, field.type("KoalaBear"), 77, std::vector<Value>(16, Value::of(0.25F)));
    auto dawn = field.dawn();
    auto shepherd = field.shepherd();
    REQUIRE(field.wait_for_state([](const RobotState& state) {
        return state.field_control_connected && state.driver_station_connected;
    }));
    constexpr int rounds = 20;
    for (int i = 0; i < rounds; ++i) {
        field.executor_log().append(LogLevel::info, LogSource::student, "line " + std::to_string(i));
        dawn.set_mode(::RunMode::AUTO);  // refused, and told to Dawn alone
        const auto mode = i % 2 == 0 ? ::RunMode::AUTO : ::RunMode::TELEOP;
        shepherd.set_mode(mode);
        const auto told = shepherd.receive_until([&](const ReceivedPacket& received) {
            CHECK(received.type == 6);
            return received.as<::RuntimeStatus>().mode() == mode;
        });
        REQUIRE(told);
    }
    // A RuntimeStatus has the type of an answer that Dawn awaits.
    dawn.send_recorded("dawn_ping");
    int answers = 0;
    bool device_data_since = false;
    const auto last_line = "line " + std::to_string(rounds - 1);
    REQUIRE(dawn.receive_until([&](const ReceivedPacket& received) {
        CHECK((received.type == 2 || received.type == 3 || received.type == 6));
        if (received.type == 6) {
            ++answers;
            CHECK(received.as<TimeStamps>().dawn_timestamp() == 1'700'000'000'000);
        }
        device_data_since = device_data_since || (answers > 0 && received.type == 3);
        return device_data_since;
    }));
    CHECK(answers == 1);
    CHECK(dawn.wait_for_log(last_line));
    CHECK(shepherd.wait_for_status([](const ::RuntimeStatus& status) { return status.dawn_connected(); }));
}

TEST_CASE("what arrived before a reset is carried out") {
    Field field;
    auto shepherd = field.shepherd();
    REQUIRE(field.wait_for_state([](const RobotState& state) { return state.field_control_connected; }));
    shepherd.send_recorded("shepherd_startpos_right");
    shepherd.reset();
    CHECK(field.wait_for_state([](const RobotState& state) {
        return !state.field_control_connected && state.start_position == StartPosition::right;
    }));
}

TEST_CASE("the start of a match: Shepherd connects, sends IDLE, closes and connects again at once") {
    Field field;
    for (int i = 0; i < 50; ++i) {
        auto early = field.shepherd();
        early.send_recorded("shepherd_mode_idle");
        early.close();
        auto shepherd = field.shepherd();
        shepherd.send_recorded("shepherd_mode_auto");
        REQUIRE(field.wait_for_mode(runtime::RunMode::autonomous));
        REQUIRE(shepherd.wait_for_status([](const ::RuntimeStatus& status) {
            return status.mode() == ::RunMode::AUTO && status.shep_connected();
        }));
        shepherd.send_recorded("shepherd_mode_idle");
        shepherd.close();
        REQUIRE(field.wait_for_state([](const RobotState& state) {
            return state.mode == runtime::RunMode::idle && !state.field_control_connected;
        }));
    }
}

TEST_CASE("TELEOP sent twice keeps the run, AUTO to TELEOP is a new one") {
    Field field;
    auto shepherd = field.shepherd();
    const auto run = field.state().run_id;
    shepherd.send_recorded("shepherd_mode_auto");
    shepherd.send_recorded("shepherd_mode_teleop");
    shepherd.send_recorded("shepherd_mode_teleop");
    shepherd.send_recorded("shepherd_startpos_right");
    REQUIRE(field.wait_for_state(
        [](const RobotState& state) { return state.start_position == StartPosition::right; }));
    CHECK(field.state().run_id == run + 2);
    CHECK(field.state().mode == runtime::RunMode::teleop);
}

TEST_CASE("while Shepherd is connected Dawn cannot start, is told so, and can stop") {
    Field field;
    auto dawn = field.dawn();
    auto shepherd = field.shepherd();
    REQUIRE(field.wait_for_state([](const RobotState& state) {
        return state.field_control_connected && state.driver_station_connected;
    }));
    dawn.set_mode(::RunMode::TELEOP);
    const auto line = dawn.wait_for_log("field control is connected");
    REQUIRE(line);
    CHECK(line->rfind("[net_handler] WARNING: ", 0) == 0);
    CHECK(field.state().mode == runtime::RunMode::idle);
    shepherd.set_mode(::RunMode::AUTO);
    REQUIRE(field.wait_for_mode(runtime::RunMode::autonomous));
    dawn.set_mode(::RunMode::IDLE);
    CHECK(field.wait_for_mode(runtime::RunMode::idle));
}

TEST_CASE("game states reach the robot block and end with IDLE") {
    Field field;
    auto shepherd = field.shepherd();
    shepherd.set_mode(::RunMode::AUTO);
    const Nanoseconds sent = now();
    shepherd.send_recorded("shepherd_gamestate_poison_ivy");
    shepherd.send_recorded("shepherd_gamestate_dehydration");
    shepherd.send_recorded("shepherd_gamestate_hypothermia_start");
    CHECK(field.wait_for_state([](const RobotState& state) { return state.hypothermia; }));
    const auto state = field.state();
    CHECK(state.poison_ivy_until >= sent + 10 * second);
    CHECK(state.poison_ivy_until <= now() + 10 * second);
    CHECK(state.dehydration_until >= state.poison_ivy_until);
    shepherd.send_recorded("shepherd_mode_idle");
    CHECK(field.wait_for_state([](const RobotState& now_state) {
        return !now_state.hypothermia && now_state.poison_ivy_until == 0 && now_state.dehydration_until == 0;
    }));
}

TEST_CASE("inputs that stop coming are gone, the mode stays, and they come back") {
    Field field;
    auto dawn = field.dawn();
    dawn.set_mode(::RunMode::TELEOP);
    dawn.keep_sending(gamepad(1, {0, -1, 0, 0}));
    REQUIRE(field.wait_for_state([](const RobotState& state) { return state.gamepad_connected; }));
    dawn.stop_sending();
    CHECK(field.wait_for_state([](const RobotState& state) { return !state.gamepad_connected; }));
    CHECK(field.inputs().gamepad_buttons == 0);
    CHECK(field.inputs().gamepad_axes == std::array<float, 4>{});
    CHECK(field.state().mode == runtime::RunMode::teleop);
    dawn.keep_sending(gamepad(2));
    CHECK(field.wait_for_inputs([](const Inputs& inputs) { return inputs.gamepad_buttons == 2; }));
}

TEST_CASE("an unplugged gamepad, which is simply not listed any more, is gone") {
    Field field;
    auto dawn = field.dawn();
    auto both = gamepad(1);
    both.MergeFrom(keyboard(2));
    dawn.keep_sending(both);
    REQUIRE(field.wait_for_state(
        [](const RobotState& state) { return state.gamepad_connected && state.keyboard_connected; }));
    dawn.keep_sending(keyboard(2));
    CHECK(field.wait_for_state(
        [](const RobotState& state) { return !state.gamepad_connected && state.keyboard_connected; }));
}

TEST_CASE("a Dawn that is gone leaves an idle robot without inputs") {
    Field field;
    auto dawn = field.dawn();
    dawn.set_mode(::RunMode::TELEOP);
    dawn.keep_sending(gamepad(1));
    REQUIRE(field.wait_for_state([](const RobotState& state) {
        return state.mode == runtime::RunMode::teleop && state.gamepad_connected;
    }));
    dawn.reset();
    CHECK(field.wait_for_state([](const RobotState& state) {
        return state.mode == runtime::RunMode::idle && !state.driver_station_connected &&
               !state.gamepad_connected;
    }));
}

TEST_CASE("the largest robot of the field is shown whole") {
    Field field;
    for (std::size_t slot = 0; slot < max_devices; ++slot)
        field.connect(slot, field.type("GeneralTestDevice"), 0xFFFF'FFFF'0000'0000 + slot,
                      std::vector<Value>(max_parameters, Value::of(-1)));
    std::vector<std::pair<std::string, Value>> logged;
    for (std::size_t i = 0; i < max_custom_values; ++i)
        logged.emplace_back(std::string(60, 'k') + std::to_string(100 + i), Value::of(-1));
    field.log_values(logged, ParameterKind::integer);
    auto dawn = field.dawn();
    const auto data = dawn.wait_for_devices([](const DevData&) { return true; });
    REQUIRE(data);
    REQUIRE(data->devices_size() == 33);
    for (int i = 0; i < 32; ++i)
        CHECK(data->devices(i).params_size() == 32);
    CHECK(data->devices(32).params_size() == 256);
}
