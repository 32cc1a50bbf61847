// What is told of a setup or a main function that takes too long, and of what does not.
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/scenario/executor/next_mode.hpp"

using namespace runtime;
using runtime::test::count_of;
using runtime::test::end_mode;
using runtime::test::StudentRobot;

namespace {

/// The number behind `text` in the line that was found last.
double number_behind(const StudentRobot& robot, const std::string& text) {
    const std::string& line = robot.line().text;
    return std::stod(line.substr(line.find(text) + text.size()));
}

/// A machine with other work may be slow itself: then there is nothing to judge, and a test tries again so
/// often.
constexpr int attempts = 10;

}  // namespace

TEST_CASE("setting up for longer than 2 seconds is told with the student's own line") {
    const auto [code, line] = GENERATE(
        std::pair("import time\ntime.sleep(6)\ndef teleop():\n    print('over')\n",
                  "Setting up takes longer than 2 seconds: it is at student_code.py, line 2, in <module>: "
                  "time.sleep(6)"),
        std::pair(
            "import time\ndef teleop_setup():\n    time.sleep(6)\ndef teleop_main():\n    print('over')\n",
            "Setting up takes longer than 2 seconds: it is at student_code.py, line 3, in teleop_setup: "
            "time.sleep(6)"));
    StudentRobot robot(code);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log(line));
    REQUIRE(robot.wait_for_log("over"));
    CHECK(count_of(robot.log(), "Setting up takes longer") == 1);
}

TEST_CASE("a slow main function is told of once a second at most, however many slow turns there are") {
    StudentRobot robot(R"(
import sys, time
turns = 0
def teleop_main():
    global turns
    time.sleep(0.2)
    turns += 1
    if turns == 15:
        print("slow turns:", turns)
        sys.exit()
)");
    // By the test's own clock: all reports come between.
    const Nanoseconds begin = now();
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::ended, run));
    REQUIRE(robot.wait_for_log("slow turns: 15"));
    const auto seconds = static_cast<int>((now() - begin) / second);
    robot.select(RunMode::idle);
    robot.read_log();
    INFO(robot.log());
    const int told = count_of(robot.log(), "The main function takes longer than 100 ms");
    CHECK(told >= 1);
    CHECK(told <= seconds + 1);
}

TEST_CASE("of a main function that awaits the line is told, too") {
    const auto [code, told] = GENERATE(
        std::pair("async def teleop_main():\n    await asyncio.sleep(0.3)\n",
                  "the robot reacts late: it is at student_code.py, line 3, in teleop_main: await "
                  "asyncio.sleep(0.3)"),
        std::pair(
            "async def inner():\n    await asyncio.sleep(0.3)\nasync def teleop_main():\n    await inner()\n",
            "the robot reacts late: it is at student_code.py, line 3, in inner: await asyncio.sleep(0.3)"),
        std::pair("async def inner():\n    await asyncio.sleep(0.3)\n"
                  "async def teleop_main():\n    await asyncio.gather(inner(), inner())\n",
                  "it is at student_code.py, line 5, in teleop_main: await asyncio.gather(inner(), inner())"),
        std::pair(
            "async def teleop_setup():\n    await asyncio.sleep(6)\ndef teleop_main():\n    pass\n",
            "it is at student_code.py, line 3, in teleop_setup: await asyncio.sleep(6) (the main function"));
    StudentRobot robot(std::string("import asyncio\n") + code);
    // On a machine that stands still it is the import that takes long.
    bool found = false;
    for (int attempt = 0; attempt < attempts && !found; ++attempt) {
        robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for_log(" takes longer than "));
        found = robot.line().text.find(told) != std::string::npos;
        end_mode(robot);
    }
    INFO(robot.log());
    REQUIRE(found);
}

TEST_CASE("where no line of the student's can be had, what is told is a whole sentence all the same") {
    const auto [code, told] = GENERATE(
        std::pair(
            "import functools, time\nteleop_main = functools.partial(time.sleep, 0.3)\n",
            "The main function takes longer than 100 ms, and the robot reacts late (what takes long belongs "
            "into a function that Robot.run starts)"),
        std::pair("import functools, time\nteleop_setup = functools.partial(time.sleep, 4)\ndef "
                  "teleop_main():\n    "
                  "pass\n",
                  "Setting up takes longer than 2 seconds (the main function waits for it)"));
    StudentRobot robot(code);
    // On a machine that stands still it is the import that takes long, and has a line.
    bool told_whole = false;
    for (int attempt = 0; attempt < attempts && !told_whole; ++attempt) {
        robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for_log(" takes longer than "));
        told_whole = robot.line().text == told;
        end_mode(robot);
    }
    INFO(robot.log());
    CHECK(told_whole);
}

TEST_CASE("a main function that takes 20 ms a turn is not called slow") {
    StudentRobot robot(R"(
import sys, time

turns, longest, last = 0, 0, time.monotonic()

def teleop_main():
    global turns, longest, last
    time.sleep(0.02)
    now = time.monotonic()
    # From turn to turn, and from here to the first: what the machine did between them counts.
    longest = max(longest, now - last)
    last = now
    turns += 1
    if turns == 60:
        print("longest turn:", longest)
        sys.exit()
)");
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const auto began = robot.log().size();
        robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for_log("longest turn: "));
        const double longest = number_behind(robot, "longest turn: ");
        end_mode(robot);
        // Twice as long would still be below 100 ms: the program cannot look at all that belongs to a turn.
        if (longest > 0.05)
            continue;
        CHECK(robot.log().find("takes longer", began) == std::string::npos);
        return;
    }
    WARN("skipped: this machine is too slow to take 20 ms for 20 ms of sleep");
}

TEST_CASE("a setup that takes a second is not called slow") {
    StudentRobot robot(
        "import time\ndef teleop_setup():\n    time.sleep(1)\ndef teleop_main():\n    print('has begun')\n");
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const auto began = robot.log().size();
        const Nanoseconds before = now();
        robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for_log("has begun"));
        const Nanoseconds took = now() - before;
        end_mode(robot);
        if (took > 2 * second)
            continue;
        CHECK(robot.log().find("Setting up takes longer", began) == std::string::npos);
        return;
    }
    WARN("skipped: this machine is too slow to start a mode in 2 seconds");
}

TEST_CASE("of a program that goes on after its mode the line is told") {
    StudentRobot robot(R"(
def teleop():
    while True:
        try:
            print("begun", flush=True)
            while True:
                pass
        except BaseException:
            pass
)",
                       test::unhurried);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::running, run));
    REQUIRE(robot.wait_for_log("begun"));
    robot.select(RunMode::idle);
    CHECK(robot.wait_for_log("The mode has ended, but the program has not: it is at student_code.py, line "));
    kill(robot.student().pid, SIGKILL);
}
