#include "net_handler/protocol/mode_machine.hpp"
#include "tests/unit/start.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using namespace runtime::net;
using runtime::test::start;
using Result = ModeMachine::Result;
using State = GameStateCommand::State;

namespace {

ModeMachine machine(std::uint64_t previous_run = 41) {
    RobotState previous{};
    previous.run_id = previous_run;
    return {previous, start};
}

}  // namespace

TEST_CASE("it starts idle with a run id above the last life's and keeps the start position") {
    RobotState previous{};
    previous.run_id = 41;
    previous.mode = runtime::RunMode::teleop;
    previous.start_position = StartPosition::right;
    previous.driver_station_connected = true;
    const ModeMachine modes(previous, start);
    const auto state = modes.state();
    CHECK(state.mode == runtime::RunMode::idle);
    CHECK(state.run_id == 42);
    CHECK(state.start_position == StartPosition::right);
    CHECK(state.mode_since == start);
    CHECK_FALSE(state.driver_station_connected);
    CHECK(ModeMachine(RobotState{}, start).state().run_id == 1);
}

TEST_CASE("each start of a mode is a new run, but the same mode again and IDLE are not") {
    auto modes = machine();
    modes.arrived(Client::driver_station);
    const auto set = [&](runtime::RunMode mode, Nanoseconds time) {
        return modes.set_mode(Client::driver_station, mode, time);
    };
    CHECK(set(runtime::RunMode::autonomous, start + 1) == Result::changed);
    CHECK(modes.state().run_id == 43);
    CHECK(set(runtime::RunMode::teleop, start + 2) == Result::changed);
    CHECK(modes.state().run_id == 44);
    CHECK(modes.state().mode_since == start + 2);
    CHECK(set(runtime::RunMode::teleop, start + 3) == Result::unchanged);
    CHECK(modes.state().run_id == 44);
    CHECK(modes.state().mode_since == start + 2);
    CHECK(set(runtime::RunMode::idle, start + 4) == Result::changed);
    CHECK(modes.state().run_id == 44);
    CHECK(set(runtime::RunMode::idle, start + 5) == Result::unchanged);
    CHECK(set(runtime::RunMode::teleop, start + 6) == Result::changed);
    CHECK(modes.state().run_id == 45);
}

TEST_CASE("while field control is connected the driver station can stop but not start") {
    auto modes = machine();
    modes.arrived(Client::driver_station);
    modes.arrived(Client::field_control);
    for (const auto mode : {runtime::RunMode::autonomous, runtime::RunMode::teleop})
        CHECK(modes.set_mode(Client::driver_station, mode, start) == Result::refused);
    CHECK(modes.mode() == runtime::RunMode::idle);
    CHECK(modes.set_mode(Client::field_control, runtime::RunMode::teleop, start) == Result::changed);
    CHECK(modes.set_mode(Client::driver_station, runtime::RunMode::autonomous, start) == Result::refused);
    CHECK(modes.mode() == runtime::RunMode::teleop);
    CHECK(modes.set_mode(Client::driver_station, runtime::RunMode::idle, start) == Result::changed);
    CHECK(modes.mode() == runtime::RunMode::idle);
    modes.left(Client::field_control, start);
    CHECK(modes.set_mode(Client::driver_station, runtime::RunMode::autonomous, start) == Result::changed);
}

TEST_CASE("when a client goes, the robot goes idle") {
    for (const auto gone : {Client::driver_station, Client::field_control}) {
        auto modes = machine();
        modes.arrived(Client::driver_station);
        modes.arrived(Client::field_control);
        modes.set_mode(Client::field_control, runtime::RunMode::autonomous, start);
        modes.left(gone, start + 1);
        CHECK(modes.mode() == runtime::RunMode::idle);
        CHECK(modes.state().mode_since == start + 1);
        CHECK_FALSE(modes.connected(gone));
    }
}

TEST_CASE("game states last their time, over a change of the mode, and end with IDLE") {
    auto modes = machine();
    modes.arrived(Client::field_control);
    modes.set_mode(Client::field_control, runtime::RunMode::autonomous, start);
    CHECK(modes.apply(State::poison_ivy, start + 1) == Result::changed);
    CHECK(modes.apply(State::dehydration, start + 2) == Result::changed);
    CHECK(modes.apply(State::hypothermia_start, start + 3) == Result::changed);
    modes.set_mode(Client::field_control, runtime::RunMode::teleop, start + 4);
    CHECK(modes.state().poison_ivy_until == start + 1 + 10 * second);
    CHECK(modes.state().dehydration_until == start + 2 + 10 * second);
    CHECK(modes.state().hypothermia);
    modes.apply(State::hypothermia_end, start + 5);
    CHECK_FALSE(modes.state().hypothermia);
    modes.apply(State::hypothermia_start, start + 6);
    modes.set_mode(Client::field_control, runtime::RunMode::idle, start + 7);
    CHECK(modes.state().poison_ivy_until == 0);
    CHECK(modes.state().dehydration_until == 0);
    CHECK_FALSE(modes.state().hypothermia);
}

TEST_CASE("a game state that comes while the robot is idle does nothing") {
    auto modes = machine();
    modes.arrived(Client::field_control);
    for (const auto state : {State::poison_ivy, State::dehydration, State::hypothermia_start})
        CHECK(modes.apply(state, start) == Result::unchanged);
    modes.set_mode(Client::field_control, runtime::RunMode::autonomous, start);
    CHECK(modes.state().poison_ivy_until == 0);
    CHECK(modes.state().dehydration_until == 0);
    CHECK_FALSE(modes.state().hypothermia);
}

TEST_CASE("both clients set the start position") {
    auto modes = machine();
    CHECK(modes.set_start_position(StartPosition::right) == Result::changed);
    CHECK(modes.set_start_position(StartPosition::right) == Result::unchanged);
    CHECK(modes.state().start_position == StartPosition::right);
    CHECK(modes.set_start_position(StartPosition::left) == Result::changed);
}
