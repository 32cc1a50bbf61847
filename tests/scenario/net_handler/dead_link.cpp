// A link that is dead without a word: no end of the connection arrives, and nothing is acknowledged any more.
#include <catch2/catch.hpp>

#include "tests/scenario/net_handler/field.hpp"
#include "tests/support/network_namespace.hpp"

using namespace runtime;
using namespace runtime::test;

TEST_CASE("a dead link makes the robot idle and its place is free for the reconnect") {
    if (!in_network_namespace()) {
        std::string reason;
        const auto result =
            run_in_network_namespace({Catch::getResultCapture().getCurrentTestName()}, reason);
        if (!result) {
            WARN("skipped: this machine allows no network namespace: " << reason);
            return;
        }
        INFO(result->output);
        CHECK(result->status == 0);
        CHECK_THAT(result->output, Catch::Contains("All tests passed"));
        return;
    }
    set_loopback(true);
    Field field;
    for (const auto kind : {DriverStation::Kind::dawn, DriverStation::Kind::shepherd}) {
        CAPTURE(static_cast<int>(kind));
        const auto connected = [&](const RobotState& state) {
            return kind == DriverStation::Kind::dawn ? state.driver_station_connected
                                                     : state.field_control_connected;
        };
        DriverStation lost(field.port(), kind);
        // In AUTO, which goes on without inputs: only the end of the connection can stop it.
        lost.set_mode(::RunMode::AUTO);
        REQUIRE(field.wait_for_mode(runtime::RunMode::autonomous));
        set_loopback(false);
        CHECK(field.wait_for_mode(runtime::RunMode::idle));
        CHECK(field.wait_for_state([&](const RobotState& state) { return !connected(state); }));

        set_loopback(true);
        DriverStation again(field.port(), kind);
        again.set_mode(::RunMode::TELEOP);
        CHECK(field.wait_for_mode(runtime::RunMode::teleop));
        CHECK(connected(field.state()));
    }
}
