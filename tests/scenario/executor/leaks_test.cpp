// What the student process leaks, under AddressSanitizer. LeakSanitizer cannot look into the sandbox, so that
// the process here is without (leak_checked_process.cpp).
#include <catch2/catch.hpp>

#include "tests/scenario/executor/student_robot.hpp"
#include "tests/support/sanitizer.hpp"

using namespace runtime;
using runtime::test::StudentRobot;

namespace {

bool somebody_looks() {
    if (test::sanitizer() == test::Sanitizer::address)
        return true;
    WARN("skipped: this machine's programs were built without AddressSanitizer, which looks for leaks");
    return false;
}

/// The look takes long, and nobody is to kill the process meanwhile.
StudentRobot leak_checked(const std::string& code) {
    return StudentRobot(
        code, {"--student-process", test::program("leak_checked_process"), "--grace-period", "60000"});
}

/// The devices of every_call.py.
void connect_devices(StudentRobot& robot) {
    robot.connect(0, 6, 99);
    robot.connect(1, 1, 7);
    robot.connect(2, 0, 5);
}

/// Waits for the next look and says how it ended, with all that was said before.
std::string next_look(StudentRobot& robot, const std::string& whose) {
    return robot.wait_for_log(whose + "leaks: ") ? robot.line().text : "there was no look";
}

}  // namespace

TEST_CASE("nothing that a program does leaks, nor the check of its file") {
    if (!somebody_looks())
        return;
    const auto* const body =
        GENERATE("def teleop():\n    everything()\n",  //
                 "async def teleop():\n    everything()\n    await waits_too(0.01)\n",
                 "def teleop():\n    everything()\n    raise ValueError('in the main function')\n",
                 "def breaks():\n    everything()\n    raise ValueError('in an action')\n"
                 "def teleop():\n    Robot.run(breaks)\n    Robot.sleep(1000)\n",
                 "def teleop():\n    everything()\n    sys.exit()\n",
                 "def teleop():\n    everything()\n    import os\n    os._exit(0)\n");
    auto robot = leak_checked(test::student_code("every_call.py") + body);
    connect_devices(robot);
    const auto checked = next_look(robot, "check: ");
    INFO(body << robot.log());
    CHECK(checked == "check: leaks: none");
    robot.select(RunMode::teleop);
    const auto found = next_look(robot, "");
    INFO(robot.log());
    CHECK(found == "leaks: none");
    CHECK(robot.log().find("every call was made") != std::string::npos);
}

TEST_CASE("nothing leaks where the mode ends a program") {
    if (!somebody_looks())
        return;
    const auto* const body = GENERATE(
        "def teleop_setup():\n    everything()\n    Robot.run(waits, 1000)\n    Robot.run(waits_too, 1000)\n"
        "def teleop_main():\n    right(1)\n    wrong()\n",
        "async def teleop_main():\n    everything()\n    await waits_too(0.01)\n",
        "def teleop():\n    everything()\n    try:\n        Robot.sleep(1000)\n    finally:\n        "
        "wrong()\n",
        "def teleop():\n    everything()\n    while True:\n        pass\n");
    auto robot = leak_checked(test::student_code("every_call.py") + body);
    connect_devices(robot);
    next_look(robot, "check: ");
    robot.select(RunMode::teleop);
    INFO(body);
    REQUIRE(robot.wait_for_log("every call was made"));
    robot.select(RunMode::idle);
    const auto found = next_look(robot, "");
    INFO(robot.log());
    CHECK(found == "leaks: none");
}

TEST_CASE("the checks of a program with every kind of mistake leak nothing") {
    if (!somebody_looks())
        return;
    auto robot = leak_checked(R"(
import nothing
def teleop_setup(value):
    Robot.get_value("6_1", "velocty_a")
    Robot.set_value("1_7", "switch0", True)
    Robot.get_vaule("6_1", "velocity_a")
    Gamepad.get_value("button_q")
    Keyboard.get_value("arrow_left")
def telop():
    pass
)");
    CHECK(next_look(robot, "check: ") == "check: leaks: none");
    for (const auto* code : {"def teleop(:\n", "\xff\xfe", "while True:\npass\n"}) {
        robot.write_code(code);
        const auto found = next_look(robot, "check: ");
        INFO(code << robot.log());
        CHECK(found == "check: leaks: none");
    }
}

TEST_CASE("the look for leaks finds an object that is never given back, and memory too") {
    if (!somebody_looks())
        return;
    const auto* const leak =
        GENERATE("ctypes.pythonapi.Py_IncRef(ctypes.py_object('text' * (turn + 100)))", "allocate(100)");
    auto robot = leak_checked(std::string("import ctypes\nallocate = ctypes.CDLL(None).malloc\n"
                                          "def teleop():\n    for turn in range(100):\n        ") +
                              leak + "\n");
    next_look(robot, "check: ");
    robot.select(RunMode::teleop);
    const auto found = next_look(robot, "");
    INFO(leak << "\n" << robot.log());
    CHECK(found == "leaks: see above");
    CHECK(robot.log().find("LeakSanitizer: detected memory leaks") != std::string::npos);
}

TEST_CASE("the count of objects finds one that only Python's collector still knows") {
    if (!somebody_looks())
        return;
    auto robot = leak_checked(test::student_code("every_call.py") +
                              "import ctypes\ndef leaks(turn):\n"
                              "    ctypes.pythonapi.Py_IncRef(ctypes.py_object([turn]))\n"
                              "def teleop():\n    leaves_nothing(leaks)\n");
    robot.select(RunMode::teleop);
    CHECK(robot.wait_for_log("objects are left"));
}
