#pragma once
#include <catch2/catch.hpp>
#include <string>

#include "tests/scenario/executor/hostile_programs.hpp"
#include "tests/scenario/executor/student_robot.hpp"

namespace runtime::test {

/// Ends the mode, and reads what is left of its log.
inline void end_mode(StudentRobot& robot) {
    const auto run = robot.select(RunMode::idle);
    REQUIRE(robot.wait_for(StudentPhase::none, run));
    robot.read_log();
}

/// Has the next mode start, and checks what is true after any program. `told`: what the log says by then.
inline void next_mode_starts(StudentRobot& robot, pid_t hostile, const std::string& told = "") {
    robot.write_code("def autonomous():\n    print('the next mode')\n");
    const auto next = robot.select(RunMode::autonomous);
    const bool ended = robot.wait_for(StudentPhase::ended, next);
    if (!ended)
        robot.read_log();
    INFO("executor " << (robot.executor().running() ? "runs" : "has ended") << "; there are\n"
                     << (ended ? "" : waits_of(robot.robot().instance())) << robot.log());
    REQUIRE(ended);
    if (!told.empty())
        REQUIRE(robot.wait_for_log(told));
    REQUIRE(robot.wait_for_log("the next mode"));
    CHECK(robot.executor().running());
    CHECK(process_identity(hostile) == 0);
}

}  // namespace runtime::test
