// Gamepad and Keyboard, as student code sees them.
#include <catch2/catch.hpp>

#include "tests/scenario/executor/student_robot.hpp"

using namespace runtime;
using runtime::test::StudentRobot;

TEST_CASE("Gamepad and Keyboard outside TELEOP raise NotImplementedError") {
    const auto [call, told] = GENERATE(
        std::pair("Gamepad.get_value('button_a')", "NotImplementedError: Gamepad can be used in TELEOP only"),
        std::pair("Keyboard.get_value('w')", "NotImplementedError: Keyboard can be used in TELEOP only"));
    StudentRobot robot(
        std::string("def autonomous():\n    print('there:', Gamepad.available or Keyboard.available)\n    ") +
        call + "\n");
    robot.select(RunMode::autonomous);
    REQUIRE(robot.wait_for_log("there: False"));
    REQUIRE(robot.wait_for_log(told));
}

TEST_CASE("what is not connected reads as not pressed and 0.0, whatever it said before") {
    StudentRobot robot(R"(
def teleop():
    print(Gamepad.available, Gamepad.get_value("button_a"), Gamepad.get_value("joystick_left_x"))
    print(Keyboard.available, Keyboard.get_value("a"), "without a keyboard")
)");
    robot.set_inputs([](Inputs& inputs) {
        inputs.gamepad_buttons = ~0ULL;
        inputs.gamepad_axes[0] = 1.0F;
        inputs.keyboard_keys = ~0ULL;
    });
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("False False 0.0"));
    REQUIRE(robot.wait_for_log("False False without a keyboard"));
}

TEST_CASE("keys and buttons read as what is pressed, also under the names of the driver station's editor") {
    StudentRobot robot(R"(
def teleop():
    while not Keyboard.available or not Gamepad.available:
        Robot.sleep(0.01)
    print([k for k in ("w", "up_arrow", "ArrowUp", "ArrowLeft") if Keyboard.get_value(k)])
    print(Gamepad.get_value("button_xbox"), Gamepad.get_value("button_b"), Gamepad.get_value("joystick_right_y"))
)");
    robot.set_inputs([](Inputs& inputs) {
        inputs.keyboard_connected = true;
        inputs.gamepad_connected = true;
        inputs.keyboard_keys = (1ULL << 22) | (1ULL << 45);
        inputs.gamepad_buttons = 1ULL << 16;
        inputs.gamepad_axes[3] = -1.0F;
    });
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("['w', 'up_arrow', 'ArrowUp']"));
    REQUIRE(robot.wait_for_log("True False -1.0"));
}
