// Robot.run: functions that run beside the main one.
#include <catch2/catch.hpp>

#include "tests/scenario/executor/next_mode.hpp"

using namespace runtime;
using runtime::test::count_of;
using runtime::test::end_mode;
using runtime::test::StudentRobot;

TEST_CASE("an action gets the arguments that stand behind it, and can be started again when it has ended") {
    StudentRobot robot(R"(
def action(number, word="none"):
    print("action", number, word)

def teleop():
    for number in range(3):
        Robot.run(action, number, word="given")
        while Robot.is_running(action):
            Robot.sleep(0.001)
    Robot.log("k" * 63, 1)
)");
    const auto run = robot.select(RunMode::teleop);
    for (const char* line : {"action 0 given", "action 1 given", "action 2 given"})
        REQUIRE(robot.wait_for_log(line));
    REQUIRE(robot.wait_for(StudentPhase::ended, run));
    CHECK(robot.value_of(std::string(63, 'k')) == "1");
}

TEST_CASE("actions run beside the main function, and a second start of one changes nothing and says so") {
    StudentRobot robot(R"(
async def counts():
    for i in range(3):
        print("counts", i)
        await Robot.sleep(0.001)

def blinks():
    print("is running", Robot.is_running(blinks))
    Robot.sleep(1000)

def teleop_setup():
    Robot.run(counts)
    Robot.run(blinks)
    Robot.run(blinks)

def teleop_main():
    pass
)",
                       test::unhurried);
    robot.select(RunMode::teleop);
    // In whichever order the threads come.
    for (const char* text :
         {"Robot.run: blinks is running already; this call changes nothing", "counts 2", "is running True"}) {
        INFO(text);
        REQUIRE((robot.log().find(text) != std::string::npos || robot.wait_for_log(text)));
    }
    end_mode(robot);
    CHECK(test::count_of(robot.log(), "is running True") == 1);
    CHECK(robot.log().find("Traceback") == std::string::npos);
    CHECK(robot.log().find("killed") == std::string::npos);
}

TEST_CASE("an exception in an action ends the run of the mode as one in the main thread does") {
    StudentRobot robot(R"(
def breaks():
    raise ValueError("in the action")

def teleop():
    Robot.run(breaks)
    while True:
        try:
            Robot.sleep(1000)
        except Exception:
            pass
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log("  File \"student_code.py\", line 3, in breaks"));
    REQUIRE(robot.wait_for_log("ValueError: in the action"));
    CHECK(robot.log().find("threading") == std::string::npos);
}

TEST_CASE("a run lasts until its actions have ended") {
    StudentRobot robot(R"(
def later():
    while not Keyboard.get_value("w"):
        Robot.sleep(0.001)
    print("action over")

def teleop():
    Robot.run(later)
    print("function over")
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("function over"));
    CHECK(robot.student().phase == StudentPhase::running);
    robot.press_w();
    CHECK(robot.wait_for_log("action over"));
    CHECK(robot.wait_for(StudentPhase::ended, run));
}

TEST_CASE("the ninth action is not started and the log says so, and when one has ended there is room again") {
    StudentRobot robot(R"(
def action(number):
    print("action", number)
    while not over:
        Robot.sleep(0.01)

over = False
functions = [lambda n=n: action(n) for n in range(9)]

def teleop():
    global over
    for function in functions[:8]:
        Robot.run(function)
    Robot.run(functions[8])
    print("running:", [Robot.is_running(function) for function in functions])
    over = True
    while any(Robot.is_running(function) for function in functions):
        Robot.sleep(0.01)
    Robot.run(functions[8])
)");
    robot.select(RunMode::teleop);
    for (const char* line :
         {"8 actions run already; <lambda> is not started",
          "running: [True, True, True, True, True, True, True, True, False]", "action 8"}) {
        INFO(line);
        REQUIRE((robot.log().find(line) != std::string::npos || robot.wait_for_log(line)));
    }
}

TEST_CASE("an action that is asked for a thousand times while it runs is told of once a second") {
    StudentRobot robot(R"(
import time

def wave():
    Robot.sleep(1000)

def teleop():
    began = time.monotonic()
    calls = 0
    while time.monotonic() - began < 1.5 or calls < 1000:
        Robot.run(wave)
        calls += 1
    print("seconds:", int(time.monotonic() - began))
)");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("seconds: "));
    const std::string said = robot.line().text;
    const int seconds = std::stoi(said.substr(said.rfind(' ')));
    const int told = count_of(robot.log(), "wave is running already; this call changes nothing");
    CHECK(told >= 1);
    CHECK(told <= seconds + 1);
}

TEST_CASE("an async action is the same one whether it was started by its name or by a call") {
    const auto [first, second] = GENERATE(std::pair("move", "move"), std::pair("move", "move()"),
                                          std::pair("move()", "move"), std::pair("move()", "move()"));
    StudentRobot robot(std::string("import asyncio\n"
                                   "async def move():\n    await asyncio.sleep(1000)\n"
                                   "async def other():\n    pass\n"
                                   "def teleop():\n    Robot.run(") +
                       first + ")\n    Robot.run(" + second +
                       ")\n    print('running:', Robot.is_running(move), Robot.is_running(other))\n");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("running: True False"));
    const char* const refused = "move is running already; this call changes nothing";
    CHECK((count_of(robot.log(), refused) == 1 || robot.wait_for_log(refused)));
}

TEST_CASE("an async action that is asked for again with the same call goes on") {
    StudentRobot robot(R"(
import asyncio
begun = asked = False

async def move():
    global begun
    begun = True
    while not asked:
        await asyncio.sleep(0.001)
    print("moved to the end")

def teleop():
    global asked
    call = move()
    Robot.run(call)
    while not begun:
        Robot.sleep(0.001)
    Robot.run(call)
    asked = True
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("moved to the end"));
    // What is printed and what the runtime says come on different ways.
    const char* const refused = "move is running already; this call changes nothing";
    CHECK((count_of(robot.log(), refused) == 1 || robot.wait_for_log(refused)));
    CHECK(robot.wait_for(StudentPhase::ended, run));
}
