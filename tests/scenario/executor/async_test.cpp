// Programs of `async def` functions: how their modes fail and end.
#include <catch2/catch.hpp>

#include "tests/scenario/executor/next_mode.hpp"

using namespace runtime;
using runtime::test::end_mode;
using runtime::test::StudentRobot;

namespace {

constexpr const char* begins_and_tidies_up = R"(import asyncio

async def work():
    try:
        print("begun")
        await SLEEP
    finally:
        print("tidied up")

)";

std::string program(std::string_view sleep, std::string_view modes) {
    std::string text = begins_and_tidies_up;
    const std::string place = "SLEEP";
    text.replace(text.find(place), place.size(), sleep);
    return text += modes;
}

}  // namespace

TEST_CASE("an error in an async action ends the run, and the log shows the student's own lines alone") {
    const auto* const mode =
        GENERATE("def teleop():\n    Robot.run(action)\n    Robot.sleep(1000)\n",
                 "def teleop():\n    Robot.run(action())\n    Robot.sleep(1000)\n",
                 "async def teleop():\n    Robot.run(action)\n    await asyncio.sleep(1000)\n",
                 "def teleop_setup():\n    Robot.run(action)\ndef teleop_main():\n    pass\n");
    StudentRobot robot(
        std::string(
            "import asyncio\nasync def action():\n    await asyncio.sleep(0.01)\n    return 1 / 0\n") +
        mode);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    const bool told = robot.wait_for_log("ZeroDivisionError: division by zero");
    INFO(robot.log());
    REQUIRE(told);
    CHECK(robot.log().find("Traceback (most recent call last):\n"
                           "  File \"student_code.py\", line 4, in action\n"
                           "    return 1 / 0\n") != std::string::npos);
}

TEST_CASE("at the end of a mode the finally of an async function of the mode runs") {
    const auto* const sleep = GENERATE("asyncio.sleep(1000)", "Robot.sleep(1000)");
    const auto* const mode =
        GENERATE("teleop = work\n", "teleop_main = work\n",
                 "async def teleop():\n    await asyncio.gather(work(), asyncio.sleep(500))\n");
    StudentRobot robot(program(sleep, mode), test::unhurried);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("begun"));
    robot.select(RunMode::idle);
    const bool tidied_up = robot.wait_for_log("tidied up");
    REQUIRE(robot.wait_for(StudentPhase::none, run));
    INFO(robot.log());
    CHECK(tidied_up);
    CHECK(robot.log().find("Traceback") == std::string::npos);
}

TEST_CASE("at the end of a mode the finally of an async action runs") {
    const auto* const sleep = GENERATE("asyncio.sleep(1000)", "Robot.sleep(1000)");
    const auto* const starting = GENERATE("",
                                          // The mode ends while the action is being started.
                                          "import threading\nstart = threading.Thread.start\n"
                                          "def slow_start(self):\n    start(self)\n    Robot.sleep(1000)\n"
                                          "threading.Thread.start = slow_start\n");
    // Actions have a short time for it, which a busy machine may not give them: here they have all they need.
    const std::string modes = std::string(starting) +
                              "import _runtime_runner\n_runtime_runner.GRACE_FOR_ACTIONS = 20\n"
                              "def teleop():\n    Robot.run(work)\n    Robot.sleep(1000)\n";
    StudentRobot robot(program(sleep, modes), test::unhurried);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("begun"));
    end_mode(robot);
    INFO(robot.log());
    CHECK(robot.log().find("tidied up") != std::string::npos);
    CHECK(robot.log().find("Traceback") == std::string::npos);
}
