// Student code that will not end, that breaks, or that attacks, and what executor does about it.
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "tests/scenario/executor/hostile_programs.hpp"
#include "tests/scenario/executor/next_mode.hpp"
#include "tests/scenario/executor/student_robot.hpp"

using namespace runtime;
using runtime::test::hostile_programs;
using runtime::test::HostileProgram;
using runtime::test::next_mode_starts;
using runtime::test::student_code;
using runtime::test::StudentRobot;

TEST_CASE("every hostile program is run") {
    std::set<std::string> listed;
    for (const auto& program : hostile_programs)
        listed.insert(program.file);
    std::set<std::string> found;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(FIXTURES_DIRECTORY) + "/student_code/hostile"))
        found.insert(entry.path().filename());
    CHECK(found == listed);
}

TEST_CASE("a program that will not end is ended with its mode, and the next mode starts") {
    for (const auto& program : hostile_programs) {
        if (program.fails() || !can_run(program))
            continue;
        DYNAMIC_SECTION(program.file) {
            StudentRobot robot(student_code(std::string("hostile/") + program.file));
            robot.connect(0, 6, 1);
            const auto run = robot.select(RunMode::teleop);
            REQUIRE(robot.wait_for(StudentPhase::running, run));
            REQUIRE(robot.wait_for_log("begun"));
            const pid_t hostile = robot.student().pid;
            CHECK(robot.commanded(0, "velocity_a") == Value::of(1.0F));
            const bool told_now = program.when == HostileProgram::When::while_it_runs;
            if (told_now)
                REQUIRE(robot.wait_for_log(program.told));
            next_mode_starts(robot, hostile, told_now ? "" : program.told);
        }
    }
}

TEST_CASE("a program that breaks ends as failed, the log says why, and the next mode starts") {
    for (const auto& program : hostile_programs) {
        if (!program.fails() || !can_run(program))
            continue;
        DYNAMIC_SECTION(program.file) {
            StudentRobot robot(student_code(std::string("hostile/") + program.file));
            robot.connect(0, 6, 1);
            robot.set_value(0, "velocity_a", Value::of(1.0F));
            const auto run = robot.select(RunMode::teleop);
            REQUIRE(robot.wait_for_log("begun"));
            const pid_t hostile = robot.student().pid;
            INFO(robot.executor().output());
            REQUIRE(robot.wait_for(StudentPhase::failed, run));
            REQUIRE(robot.wait_for_log(program.told));
            next_mode_starts(robot, hostile);
        }
    }
}

TEST_CASE("blocks that student code has overwritten do not disturb the next run") {
    StudentRobot robot(student_code("hostile/writes_into_blocks.py"));
    robot.connect(0, 6, 1);
    robot.set_value(0, "velocity_a", Value::of(1.0F));
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    robot.write_code(
        "def teleop():\n    Robot.set_value('6_1', 'velocity_a', 0.125)\n    Robot.log('x', 1)\n");
    const auto next = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::ended, next));
    INFO(robot.executor().output());
    CHECK(robot.commanded(0, "velocity_a") == Value::of(0.125F));
    CHECK(robot.commands(0).run_id == next);
    CHECK(robot.commands(1).run_id == 0);
    CHECK(robot.value_of("x") == "1");
}
