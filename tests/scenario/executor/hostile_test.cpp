// Student code that will not end, or that attacks: each program commands a motor, prints "begun", and
// misbehaves.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/scenario/executor/student_robot.hpp"

using namespace runtime;
using runtime::test::student_code;
using runtime::test::StudentRobot;

namespace {

struct Hostile {
    const char* file;
    /// What the log says about it; empty: nothing is asked for.
    const char* told;
};

const Hostile until_the_mode_ends[] = {
    {"endless_loop.py", ""},
    {"catches_everything.py", "did not end with its mode"},
    {"looping_finally.py", "did not end with its mode"},
    {"long_sleep.py", ""},
    {"c_call_that_never_returns.py", ""},
    {"ignores_all_signals.py", "did not end with its mode"},
    {"fork_bomb.py", ""},
    {"endless_threads.py", ""},
    {"floods_executor.py", ""},
};

const Hostile that_fail_by_themselves[] = {
    {"exits_at_once.py", "exit status 3"},
    {"kills_its_parent.py", "PermissionError"},
    {"segmentation_fault.py", "Segmentation fault"},
    {"deep_recursion.py", "RecursionError: maximum recursion depth exceeded"},
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    // A sanitizer reserves terabytes of address space, so there student code has no memory limit to meet.
    {"takes_all_memory.py", "MemoryError"},
    {"million_threads.py", "can't start new thread"},
#endif
#if !defined(__SANITIZE_ADDRESS__)
    // AddressSanitizer turns a stack overflow into an exit of its own.
    {"deep_recursion_in_c.py", "crashed"},
#endif
    {"writes_into_blocks.py", "Segmentation fault"},
};

constexpr const char* next_program = "def autonomous():\n    print('the next mode')\n";

/// Has the next mode start, and checks what is true after any program.
void next_mode_starts(StudentRobot& robot, pid_t hostile, const char* told) {
    robot.write_code(next_program);
    const auto next = robot.select(RunMode::autonomous);
    REQUIRE(robot.wait_for(StudentPhase::ended, next));
    INFO(robot.log());
    if (*told != '\0')
        REQUIRE(robot.wait_for_log(told));
    REQUIRE(robot.wait_for_log("the next mode"));
    CHECK(robot.executor().running());
    CHECK(process_identity(hostile) == 0);
}

}  // namespace

TEST_CASE("a program that will not end is killed, and the next mode starts") {
    for (const auto& [file, told] : until_the_mode_ends) {
        DYNAMIC_SECTION(file) {
            StudentRobot robot(student_code(std::string("hostile/") + file));
            robot.connect(0, 6, 1);
            const auto run = robot.select(RunMode::teleop);
            REQUIRE(robot.wait_for(StudentPhase::running, run));
            REQUIRE(robot.wait_for_log("begun"));
            const pid_t hostile = robot.student().pid;
            CHECK(robot.commanded(0, "velocity_a") == Value::of(1.0F));
            next_mode_starts(robot, hostile, told);
        }
    }
}

TEST_CASE("of a program that floods the log lines are dropped and counted, and the next mode starts") {
    StudentRobot robot(student_code("hostile/floods_the_log.py"));
    robot.connect(0, 6, 1);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::running, run));
    REQUIRE(robot.wait_for_log("lines dropped"));
    next_mode_starts(robot, robot.student().pid, "");
}

TEST_CASE("a program that breaks ends as failed, the log says why, and the next mode starts") {
    for (const auto& [file, told] : that_fail_by_themselves) {
        DYNAMIC_SECTION(file) {
            StudentRobot robot(student_code(std::string("hostile/") + file));
            robot.connect(0, 6, 1);
            const auto run = robot.select(RunMode::teleop);
            REQUIRE(robot.wait_for_log("begun"));
            const pid_t hostile = robot.student().pid;
            INFO(robot.executor().output());
            REQUIRE(robot.wait_for(StudentPhase::failed, run));
            next_mode_starts(robot, hostile, told);
        }
    }
}

TEST_CASE("a program that closes all its descriptors is still ended with its mode") {
    StudentRobot robot(student_code("hostile/closes_all_descriptors.py"));
    robot.connect(0, 6, 1);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("begun"));
    next_mode_starts(robot, robot.student().pid, "");
}

TEST_CASE("blocks that student code has overwritten do not disturb the next run") {
    StudentRobot robot(student_code("hostile/writes_into_blocks.py"));
    robot.connect(0, 6, 1);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    robot.write_code(
        "def teleop():\n    Robot.set_value('6_1', 'velocity_a', 0.125)\n    Robot.log('x', 1)\n");
    const auto next = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::ended, next));
    INFO(robot.executor().output());
    CHECK(robot.commanded(0, "velocity_a") == Value::of(0.125F));
    CHECK(robot.commands(0).run_id == next);
    CHECK(robot.value_of("x") == "1");
}
