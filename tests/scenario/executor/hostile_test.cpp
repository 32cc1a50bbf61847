// Student code that will not end, that breaks, or that attacks, and what executor does about it.
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <functional>
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

namespace {

/// Runs each program that does not fail by itself, and has it ended once it misbehaves.
void for_each_endless(const std::function<void(StudentRobot&, const HostileProgram&)>& end) {
    for (const auto& program : hostile_programs) {
        if (program.fails())
            continue;
        DYNAMIC_SECTION(program.file) {
            StudentRobot robot(student_code(std::string("hostile/") + program.file));
            robot.connect(0, 6, 1);
            const auto run = robot.select(RunMode::teleop);
            REQUIRE(robot.wait_for(StudentPhase::running, run));
            CHECK(robot.wait_for_command(0, "velocity_a", Value::of(1.0F)));
            robot.set_value(0, "velocity_a", Value::of(1.0F));
            REQUIRE(robot.wait_for_log("begun"));
            if (program.when == HostileProgram::When::while_it_runs)
                REQUIRE(robot.wait_for_log(program.told));
            end(robot, program);
        }
    }
}

const char* told_at_the_end(const HostileProgram& program) {
    return program.when == HostileProgram::When::while_it_runs ? test::ended_or_killed : program.told;
}

}  // namespace

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
    for_each_endless([](StudentRobot& robot, const HostileProgram& program) {
        next_mode_starts(robot, robot.student().pid, told_at_the_end(program));
    });
}

TEST_CASE("IDLE ends a program that will not end, and says so") {
    for_each_endless([](StudentRobot& robot, const HostileProgram& program) {
        const StudentState hostile = robot.student();
        robot.select(RunMode::idle);
        REQUIRE(robot.wait_for(StudentPhase::none, hostile.run_id));
        CHECK(process_identity(hostile.pid) == 0);
        CHECK(robot.wait_for_log(told_at_the_end(program)));
        CHECK(robot.executor().running());
    });
}

TEST_CASE("executor's own end is the end of a program that will not end") {
    for_each_endless([](StudentRobot& robot, const HostileProgram&) {
        CHECK(robot.executor().stop() == 0);
        CHECK(test::student_processes(robot.robot().instance()).empty());
        CHECK(robot.student().phase == StudentPhase::none);
    });
}

TEST_CASE("a program that will not end dies with an executor that is killed") {
    for_each_endless([](StudentRobot& robot, const HostileProgram&) {
        const pid_t hostile = robot.student().pid;
        robot.executor().signal(SIGKILL);
        CHECK(test::wait_until([&] { return process_identity(hostile) == 0; }));
        CHECK(test::wait_until([&] { return test::student_processes(robot.robot().instance()).empty(); }));
    });
}

TEST_CASE("a program that breaks ends as failed, the log says why, and the next mode starts") {
    for (const auto& program : hostile_programs) {
        if (!program.fails())
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
