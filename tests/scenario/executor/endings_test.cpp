// How a run ends: what is told about a failure, and what is left of it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/scenario/executor/next_mode.hpp"

using namespace runtime;
using runtime::test::count_of;
using runtime::test::end_mode;
using runtime::test::StudentRobot;

TEST_CASE("of two errors at once the first is told whole, however long its words take") {
    StudentRobot robot(R"(
import threading, time
telling = threading.Event()
class Slow(Exception):
    def __str__(self):
        telling.set()
        time.sleep(0.3)
        return "slow words"
def breaks():
    raise Slow()
def teleop():
    Robot.run(breaks)
    telling.wait()
    raise ValueError("quick words")
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log("Slow: slow words"));
    CHECK(robot.log().find("quick words") == std::string::npos);
}

TEST_CASE("an error's text may hold what is no text in UTF-8, in the main function and in an action") {
    const auto* const body = GENERATE("def teleop():\n    breaks()\n",
                                      "def teleop():\n    Robot.run(breaks)\n    Robot.sleep(1000)\n");
    StudentRobot robot(std::string("def breaks():\n    raise ValueError('\\udcff is wrong')\n") + body);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log("line 2, in breaks"));
    REQUIRE(robot.wait_for_log("ValueError: \\udcff is wrong"));
    // It ends by itself, and need not be killed.
    REQUIRE(test::wait_until([&] { return robot.student().pid == 0; }));
    robot.read_log();
    CHECK(robot.log().find("killed") == std::string::npos);
}

TEST_CASE("a run that has ended or failed has no process any more") {
    const auto [body, phase] = GENERATE(std::pair("    pass\n", StudentPhase::ended),
                                        std::pair("    raise ValueError('x')\n", StudentPhase::failed));
    StudentRobot robot(std::string("def teleop():\n") + body);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(phase, run));
    REQUIRE(test::wait_until([&] { return robot.student().pid == 0; }));
    CHECK(robot.student().phase == phase);
    CHECK(robot.student().run_id == run);
}

TEST_CASE("the end of the mode that Python swallows in a callback comes again, and finally runs") {
    const auto* const begin = GENERATE(
        // Python prints what a __del__ raises, and goes on.
        "class Loops:\n    def __del__(self):\n        print('begun', flush=True)\n        while True:\n"
        "            pass\n"
        "def begin():\n    Loops()\n",
        "import weakref\nclass Thing:\n    pass\ndef loops(reference):\n    print('begun', flush=True)\n"
        "    while True:\n        pass\n"
        "def begin():\n    thing = Thing()\n    kept = weakref.ref(thing, loops)\n    del thing\n");
    StudentRobot robot(std::string(begin) +
                           "def teleop():\n    try:\n        begin()\n        while True:\n            pass\n"
                           "    finally:\n        print('finally has run', flush=True)\n",
                       test::unhurried);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("begun"));
    end_mode(robot);
    INFO(robot.log());
    CHECK(robot.log().find("finally has run") != std::string::npos);
    CHECK(robot.log().find("killed") == std::string::npos);
    CHECK(robot.log().find("ModeEnded") == std::string::npos);
}

TEST_CASE("an action that swallows the end of the mode goes with the process, which nobody has to kill") {
    // Actions have a short time to end, in which a busy machine may not let them swallow anything.
    StudentRobot robot(R"(
import threading, _runtime_runner
_runtime_runner.GRACE_FOR_ACTIONS = 5
begun = threading.Event()
def stubborn():
    swallowed = 0
    while True:
        try:
            while True:
                begun.set()
        except BaseException:
            swallowed += 1
            if swallowed == 1:
                print("swallowed")
def teleop():
    Robot.run(stubborn)
    begun.wait()
    print("begun")
    Robot.sleep(1000)
)",
                       test::unhurried);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("begun"));
    const pid_t pid = robot.student().pid;
    REQUIRE(process_identity(pid) != 0);
    end_mode(robot);
    INFO(robot.log());
    CHECK(robot.log().find("swallowed") != std::string::npos);
    CHECK(robot.log().find("killed") == std::string::npos);
    CHECK(process_identity(pid) == 0);
}

TEST_CASE("a program that has failed and goes on all the same is killed, and told what is wrong") {
    StudentRobot robot(R"(
import threading
deaf = threading.Event()
def breaks():
    deaf.wait()
    raise ValueError("in the action")
def teleop():
    Robot.run(breaks)
    while True:
        try:
            deaf.set()
            while True:
                pass
        except BaseException:
            pass
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log("in the action"));
    REQUIRE(robot.wait_for_log("was killed"));
    CHECK_THAT(robot.line().text, Catch::Contains("The program was over, but did not end"));
}

TEST_CASE("a program that somebody else kills is told of the memory") {
    StudentRobot robot("def teleop():\n    print('begun')\n    Robot.sleep(1000)\n");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("begun"));
    REQUIRE(kill(robot.student().pid, SIGKILL) == 0);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log("was short of memory"));
}

TEST_CASE("a report of many lines costs as much as many reports") {
    const int kind = GENERATE(3, 5);  // a traceback, a message
    StudentRobot robot("import os\ndef teleop():\n    for _ in range(20):\n        os.write(3, bytes([" +
                       std::to_string(kind) + ", 3, 0, 0]) + bytes(8) + b'forged\\n' * 4000)\n");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(test::wait_until([&] {
        robot.executor().output();  // or executor waits for somebody who reads it
        return robot.student().phase == StudentPhase::ended && robot.student().run_id == run;
    }));
    const int lines = count_of(robot.executor().output(), "forged");
    CHECK(lines >= 100);
    CHECK(lines < 20'000);
}

TEST_CASE("reports without a word cost as much as others") {
    constexpr int reports = 4000;
    StudentRobot robot(
        "import os, time\ndef teleop():\n    for _ in range(" + std::to_string(reports) +
        "):\n        os.write(1, b'forged')\n        os.write(3, bytes([3, 3, 0, 0]) + bytes(8))\n"
        "        time.sleep(0.0005)\n");
    const Nanoseconds begin = now();
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(test::wait_until([&] {
        robot.executor().output();
        return robot.student().phase == StudentPhase::ended && robot.student().run_id == run;
    }));
    const std::string& output = robot.executor().output();
    // Each ends the line that was not finished, where it counts at all: 1000 at once, and 100 a second.
    CHECK(std::count(output.begin(), output.end(), '\n') < 1100 + 200 * ((now() - begin) / second + 1));
}

TEST_CASE("an action that waits for a first value ends with the mode, and the main function's finally runs") {
    StudentRobot robot(R"(
tried = ended = False

def look():
    while not tried:
        Robot.sleep(0.001)
    print("begun")
    while True:
        try:
            Robot.get_value("6_1", "enc_a")
        except DeviceError:
            if ended:
                raise

def teleop():
    global tried, ended
    Robot.run(look)
    try:
        tried = True
        Robot.sleep(1000)
    finally:
        ended = True
        for _ in range(100):
            sum(range(10000))
        print("all of finally")
)",
                       test::unhurried);
    robot.connect(0, 6, 1, false);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("begun"));
    end_mode(robot);
    INFO(robot.log());
    CHECK(robot.log().find("all of finally") != std::string::npos);
    CHECK(robot.log().find("The mode had ended") == std::string::npos);
    CHECK(robot.log().find("killed") == std::string::npos);
}

TEST_CASE("where the main function fails the finally of its actions runs") {
    StudentRobot robot(R"(
import threading, _runtime_runner
_runtime_runner.GRACE_FOR_ACTIONS = 2
begun = threading.Event()

def action():
    try:
        begun.set()
        Robot.sleep(1000)
    finally:
        print("the action has tidied up")

def teleop():
    Robot.run(action)
    begun.wait()
    raise ValueError("wrong")
)",
                       test::unhurried);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(test::wait_until([&] { return robot.student().pid == 0; }));
    robot.read_log();
    INFO(robot.log());
    CHECK(robot.log().find("ValueError: wrong") != std::string::npos);
    CHECK(robot.log().find("the action has tidied up") != std::string::npos);
}
