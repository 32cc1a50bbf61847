#include "net_handler/protocol/mode_line.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace runtime;
using namespace runtime::net;

namespace {

std::string line(runtime::RunMode mode, std::uint64_t run,
                 const std::optional<ModeMachine::Origin>& origin = {}) {
    RobotState robot{};
    robot.mode = mode;
    robot.run_id = run;
    return mode_line(robot, origin);
}

const std::string prefix = "[net_handler] ";

}  // namespace

TEST_CASE("a mode line says the mode, the run and whose doing it is") {
    CHECK(line(runtime::RunMode::idle, 5) == "IDLE (run 5)");
    CHECK(line(runtime::RunMode::teleop, 7, ModeMachine::Origin{Client::driver_station, false}) ==
          "TELEOP, set by the driver station (run 7)");
    CHECK(line(runtime::RunMode::idle, 7, ModeMachine::Origin{Client::field_control, true}) ==
          "IDLE, the field control is gone (run 7)");
}

TEST_CASE("what a mode line says is read from it, in every mode and for every cause") {
    for (const auto mode : {runtime::RunMode::idle, runtime::RunMode::autonomous, runtime::RunMode::teleop})
        for (const std::optional<ModeMachine::Origin>& origin : {std::optional<ModeMachine::Origin>{},
                                                                 {{Client::driver_station, false}},
                                                                 {{Client::field_control, true}}}) {
            const auto news = mode_in(prefix + line(mode, 18'446'744'073'709'551'615U, origin));
            REQUIRE(news);
            CHECK(news->mode == mode);
            CHECK(news->run_id == 18'446'744'073'709'551'615U);
        }
}

TEST_CASE("other lines say no mode") {
    for (const auto& other : std::vector<std::string>{
             std::string(), prefix, line(runtime::RunMode::autonomous, 7), " " + prefix + "AUTO (run 7)",
             "[executor] AUTO (run 7)", prefix + "AUTO", prefix + "AUTO (run )", prefix + "AUTO (run 7",
             prefix + "AUTO (run 7x)", prefix + "AUTO (run -7)", prefix + "AUTOMATIC (run 7)",
             prefix + "AUTO (run 99999999999999999999)", prefix + "(run 7)", prefix + " (run 7)"})
        CHECK_FALSE(mode_in(other));
}

TEST_CASE("a refusal is told from other warnings") {
    CHECK(says_mode_refused(prefix + "WARNING: " + mode_refused_line(runtime::RunMode::teleop)));
    CHECK_FALSE(says_mode_refused(prefix + mode_refused_line(runtime::RunMode::teleop)));
    CHECK_FALSE(says_mode_refused(prefix + "WARNING: something else"));
}

TEST_CASE("of two mode lines the newer one counts, in whatever order they come") {
    const ModeNews before{runtime::RunMode::idle, 6};
    const ModeNews run{runtime::RunMode::teleop, 7};
    const ModeNews end{runtime::RunMode::idle, 7};
    CHECK(run.supersedes(before));
    CHECK_FALSE(before.supersedes(run));
    CHECK(end.supersedes(run));
    CHECK_FALSE(run.supersedes(end));
    CHECK(end.supersedes(end));
    CHECK(run.supersedes(run));
    CHECK((ModeNews{runtime::RunMode::autonomous, 8}).supersedes(end));
}
