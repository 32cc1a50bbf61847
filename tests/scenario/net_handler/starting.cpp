// Starting, restarting, options, and who may connect.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "tests/scenario/net_handler/field.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

bool has_ipv6() {
    sockaddr_in6 loopback{};
    loopback.sin6_family = AF_INET6;
    loopback.sin6_addr = in6addr_loopback;
    const int descriptor = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool bound = bind(descriptor, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) == 0;
    close(descriptor);
    return bound;
}

}  // namespace

TEST_CASE("a bad option is one line and status 2") {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"--port", "65536"},
                                               {"--port", "-1"},
                                               {"--port", "http"},
                                               {"--device-data-hz", "0"},
                                               {"--device-data-hz", "nan"},
                                               {"--bandwidth-limit", "-1"},
                                               {"--listen", "robot"},
                                               {"--allow", "everybody"},
                                               {"--allow-field-control", "10.0.0.0/99"},
                                               {"--nonsense"}}) {
        std::vector<std::string> command{"net_handler"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const auto result = run(command);
        INFO(result.output);
        CHECK(result.status == 2);
        CHECK(std::count(result.output.begin(), result.output.end(), '\n') == 1);
    }
}

TEST_CASE("it listens on port 8101 of all addresses unless it is told otherwise") {
    const auto result = run({"net_handler", "--help"});
    CHECK(result.status == 0);
    CHECK_THAT(result.output, Catch::Contains("(=8101)") && Catch::Contains("(=::)"));
}

TEST_CASE("an address that it cannot have, and a port that is taken, are one line and status 1") {
    Field field;
    const Robot other;
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {"--listen", "192.0.2.1"}, {"--port", std::to_string(field.port())}}) {
        auto process = other.start("net_handler", arguments);
        CHECK(process.wait() == 1);
        INFO(process.output());
        CHECK(std::count(process.output().begin(), process.output().end(), '\n') == 1);
    }
}

TEST_CASE("a second net_handler of the same instance does not start") {
    Field field;
    auto second = field.robot().start("net_handler", {"--port", "0"});
    CHECK(second.wait() == 1);
    CHECK(field.net_handler().running());
}

TEST_CASE("after a crash the robot is idle at once and the next run has a new id") {
    Field field;
    auto dawn = field.dawn();
    dawn.set_start_position(::StartPos::RIGHT);
    dawn.set_mode(::RunMode::AUTO);
    REQUIRE(field.wait_for_mode(runtime::RunMode::autonomous));
    const auto run = field.state().run_id;
    field.net_handler().signal(SIGKILL);
    field.net_handler().wait();
    CHECK(field.state().mode == runtime::RunMode::autonomous);
    auto next = field.robot().start("net_handler", {"--port", "0"});
    DriverStation again(port_of(next));
    CHECK(field.wait_for_state([&](const RobotState& state) {
        return state.mode == runtime::RunMode::idle && state.run_id == run + 1 &&
               state.driver_station_connected && state.start_position == StartPosition::right;
    }));
}

TEST_CASE("who is not in --allow is closed before a byte of it is read") {
    std::vector<std::string> options{"--allow", "192.0.2.0/24", "198.51.100.7"};
    const test::Robot place;
    if (GENERATE(false, true)) {
        // What a command line says stands in the place of what the file says.
        const std::string file = place.directory() + "/runtime.conf";
        std::ofstream(file) << "[net_handler]\nallow = 127.0.0.0/8\nallow = ::1/128\n";
        options.insert(options.end(), {"--config", file});
    }
    Field field(options);
    const auto run = field.state().run_id;
    auto dawn = DriverStation::silent(field.port());
    try {
        dawn.send_bytes(recorded_packet("dawn_ident") + recorded_packet("dawn_mode_auto") +
                        recorded_packet("dawn_startpos_right"));
    } catch (const std::runtime_error&) {
        // Closed before that.
    }
    CHECK(dawn.wait_for_end());
    CHECK(field.net_handler().wait_for_output("--allow does not include"));
    CHECK(field.state().run_id == run);
    CHECK(field.state().start_position == StartPosition::left);
    CHECK(field.net_handler().output().find("driver station connected") == std::string::npos);
}

TEST_CASE("field control can be limited to its own network, and is not sent away at once") {
    Field field({"--allow-field-control", "192.0.2.0/24"});
    const auto run = field.state().run_id;
    auto shepherd = DriverStation::silent(field.port());
    shepherd.send_bytes(recorded_packet("shepherd_ident") + recorded_packet("shepherd_mode_auto") +
                        recorded_packet("shepherd_startpos_right"));
    CHECK(field.net_handler().wait_for_output("--allow-field-control does not include"));
    auto dawn = field.dawn();
    dawn.set_mode(::RunMode::TELEOP);
    CHECK(field.wait_for_mode(runtime::RunMode::teleop));
    CHECK(shepherd.wait_for_end());
    CHECK(field.state().run_id == run + 1);
    CHECK(field.state().start_position == StartPosition::left);
    dawn.set_mode(::RunMode::IDLE);
    CHECK(field.net_handler().wait_for_output("IDLE"));
    CHECK(field.net_handler().output().find("field control connected") == std::string::npos);
    CHECK(field.net_handler().output().find("did not say who it is") == std::string::npos);
}

TEST_CASE("a client reaches the port over IPv4") {
    Field field;
    auto dawn = DriverStation::silent(field.port(), "127.0.0.1");
    dawn.send_recorded("dawn_ident");
    CHECK(field.wait_for_state([](const RobotState& state) { return state.driver_station_connected; }));
}

TEST_CASE("a client reaches the same port over IPv6") {
    if (!has_ipv6()) {
        WARN("skipped: this machine has no IPv6");
        return;
    }
    Field field;
    auto shepherd = DriverStation::silent(field.port(), "::1");
    shepherd.send_recorded("shepherd_ident");
    CHECK(field.wait_for_state([](const RobotState& state) { return state.field_control_connected; }));
}

TEST_CASE("the robot and inputs blocks show that net_handler lives") {
    Field field;
    const BlockReader<RobotBlock> robot(field.robot().instance());
    const BlockReader<InputsBlock> inputs(field.robot().instance());
    const auto beat = robot->header.heartbeat.load();
    CHECK(wait_until([&] { return robot->header.heartbeat.load() > beat + 2 * heartbeat_period; }));
    CHECK(wait_until([&] { return inputs->header.heartbeat.load() > beat + 2 * heartbeat_period; }));
    CHECK(wait_until([&] { return fresh(robot->header, now()) && fresh(inputs->header, now()); }));
}
