// What somebody who learns to program gets wrong in the line follower, and what the log says to it.
#include <catch2/catch.hpp>
#include <regex>

#include "tests/scenario/executor/student_robot.hpp"

using namespace runtime;
using runtime::test::StudentRobot;

namespace {

struct Mistake {
    /// A part of tests/fixtures/student_code/line_follower.py, and what stands there instead.
    const char* right;
    const char* wrong;
    /// What the log says when the file is saved, and when the mode runs; nullptr: nothing is asked for.
    const char* checked;
    const char* told;
    RunMode mode = RunMode::autonomous;
};

constexpr RunMode teleop = RunMode::teleop;

constexpr Mistake mistakes[] = {
    // Names.
    {"LINE, \"left\"", "LINE, \"lft\"", "line 21: There is no parameter \"lft\"", "Did you mean \"left\"?"},
    {"LINE = \"2_4\"", "LINE = \"2_5\"", nullptr, "Device 2_5 is not connected. Connected: 6_1 (KoalaBear)"},
    {"LINE = \"2_4\"", "LINE = 2_4", "line 21: a device id is text in quotes",
     "the device id must be text in quotes, such as \"6_12345\", not int 24"},
    {"left = Robot", "left = robot", "line 21: Nothing is called robot. Did you mean Robot?",
     "name 'robot' is not defined. Did you mean Robot? Capital letters count"},
    {"left = Robot", "left = ROBOT", "line 21: Nothing is called ROBOT", "Did you mean Robot?"},
    {"turns = 0", "import Robot", "line 10: Robot is there without an import: delete this line",
     "No module named 'Robot'. Robot is there without an import"},
    {"turns = 0", "Robot = '6_1'", "line 10: Robot is taken by the robot: give yours another name",
     "Robot is something else in this program: give that another name"},
    {"Robot.run(wave)", "Robot.run(wvae)", nullptr, "name 'wvae' is not defined. Did you mean: 'wave'?",
     teleop},
    {"get_value(\"w\")", "get_value(w)", nullptr, "Did you forget the quotes? Write \"w\"", teleop},
    {"get_value(\"w\")", "get_value(\"W\")", "has no \"W\". Did you mean \"w\"?", "Did you mean \"w\"?",
     teleop},
    {"get_value(\"w\")", "get_value(\"up\")", "Did you mean \"up_arrow\"?", "Did you mean \"up_arrow\"?",
     teleop},
    {"get_value(\"button_a\")", "get_value(\"a\")", "Did you mean \"button_a\"?",
     "Did you mean \"button_a\"?", teleop},
    {"    turn = right - left", "    time.sleep(1)\n    turn = 0",
     "line 23: Nothing is called time. Did you forget to write 'import time' at the top?",
     "Did you forget to write 'import time'"},
    {"    turn = right - left", "    sleep(1)\n    turn = 0", "Did you mean Robot.sleep?",
     "Did you mean Robot.sleep?"},
    // Functions that are called by nobody, or otherwise than they are written.
    {"def autonomous_main", "def autonomus_main", "Is it autonomus_main in line 20?",
     "Is it autonomus_main in line 20?"},
    {"def autonomous_setup", "def autonomous_set_up",
     "line 16: Nothing calls autonomous_set_up. Did you mean autonomous_setup?", nullptr},
    {"def autonomous_main()", "def autonomous_main(robot)",
     "line 20: autonomous_main is called without values: write def autonomous_main():",
     "line 20: autonomous_main is called without values: write def autonomous_main():"},
    {"turns = 0", "def autonomous():\n    pass\nautonomous()",
     "line 12: the robot calls autonomous: leave this line out", nullptr},
    {"def teleop_main", "def autonomous_main",
     "line 38: autonomous_main takes the place of the one in line 20", nullptr},
    {"def wave()", "def wave(times)", nullptr,
     "wave(times) is called wrongly: missing a required argument: 'times'. Write Robot.run(wave, times)",
     teleop},
    {"Robot.run(wave)", "Robot.run(wave())", "write Robot.run(wave), without the brackets",
     "Robot.run takes a function; without the brackets behind its name", teleop},
    {"Robot.run(wave)", "Robot.run('wave')", "Robot.run takes a function: write Robot.run(my_function)",
     "Robot.run takes a function: Robot.run(my_function), not str 'wave'", teleop},
    {"        Robot.run(wave)", "        wave", "wave is not called: write wave() or Robot.run(wave)",
     nullptr},
    {"        Robot.run(wave)", "        while True:\n            wave()", nullptr,
     "(what takes long belongs into a function that Robot.run starts)", teleop},
    {"Robot.start_pos", "Robot.start_pos()", "Robot.start_pos is no function: write Robot.start_pos",
     "This is no function: leave out the brackets behind it"},
    // Arguments and values.
    {"Robot.set_value(MOTORS, \"velocity_a\", SPEED + turn)", "Robot.set_value(\"velocity_a\", SPEED)",
     "line 24: value is missing: write Robot.set_value(device_id, param, value)",
     "value is missing: write Robot.set_value(device_id, param, value)"},
    {"get_value(LINE, \"left\")", "get_value(LINE, \"left\", 1)", "line 21: too many values",
     "too many values: write Robot.get_value(device_id, param)"},
    {"SPEED = 0.4", "SPEED = \"0.4\"", nullptr, "write numbers without quotes"},
    {"SPEED = 0.4", "SPEED = 0,4", "line 8: 0,4 is two numbers: if it is to be one, write 0.4, with a point",
     "A number has a point, not a comma: 0.5"},
    {"\"velocity_a\", SPEED + turn", "\"velocity_a\", 100",
     "line 24: velocity_a takes -1 to 1, and 100 counts as 1", nullptr},
    {"print(\"starting at the\", Robot", "print(\"turn \" + turns, Robot", nullptr,
     "Text and numbers do not mix"},
    {"turn = right - left", "turn = 1 / (right - right)", nullptr,
     "division by zero. Check that what you divide by is not 0"},
    {"turn = right - left", "turn = turn + 1", nullptr, "Give it a value before this line is reached"},
    {"turn = right - left", "turn = turns = turns + 1", nullptr,
     "write 'global turns' as the first line of autonomous_main"},
    {"turn = right - left", "turn = [1, 2][2]", nullptr, "Counting begins with 0"},
    {"turn = right - left", "turn = Robot.log('x', 1) + 1", nullptr, "Something here is None"},
    {"print(\"starting at the\", Robot.start_pos)", "autonomous_setup()", nullptr,
     "A function calls itself without an end"},
    {"print(\"starting at the\", Robot.start_pos)", "input('ready?')", nullptr,
     "Nobody can type here: use Keyboard.get_value"},
    {"print(\"starting at the\", Robot.start_pos)", "__import__('os').system('ls')", nullptr,
     "Operation not permitted (not allowed on the robot"},
    {"print(\"starting at the\", Robot.start_pos)",
     "__import__('urllib.request').request.urlopen('http://example.com')", nullptr,
     "(not allowed on the robot: student code may not use the network"},
    {"print(\"starting at the\", Robot.start_pos)", "while True:\n        pass", nullptr,
     "Setting up takes longer than 2 seconds: it is at student_code.py, line 1"},
    // What is no Python.
    {"def autonomous_main():", "def autonomous_main()", "line 20: this is not Python yet",
     "Write a colon at the end"},
    {"    right =", "   right =", "line 22: this is not Python yet",
     "begin with the same number of spaces: four for each step, and no tabs"},
    {"    right =", "\tright =", "line 22: this is not Python yet", "no tabs"},
    {"print(\"starting at the\", Robot.start_pos)", "print \"starting\"", "line 17: this is not Python yet",
     "Did you mean print(...)?"},
    {"if Gamepad.get_value(\"button_a\") and", "if speed = 1 and", "line 42: this is not Python yet",
     "Maybe you meant '=='"},
    {"    if Gamepad", "    if speed:\n        pass\n    else if Gamepad", "line 44: this is not Python yet",
     "Write elif for else if."},
    {"turns = 0", "turns = 0\nturns++", "line 11: this is not Python yet", "write turns += 1."},
    {"\") and not", "\") && not", "line 42: this is not Python yet", "Write and for &&."},
    {"def wave():", "def wave() {", "line 32: this is not Python yet", "Python has no braces"},
    {"LINE, \"left\")", "LINE, \"left)", "line 21: this is not Python yet",
     "A text begins and ends with the same quotes"},
    {"LINE, \"left\")", "LINE, “left”)", "line 21: this is not Python yet", "write \" instead"},
    {"LINE, \"left\")", "LINE, \"left\"", "line 21: this is not Python yet", "'(' was never closed"},
    {"turn = right - left", "await Robot.sleep(1)", "line 23: this is not Python yet",
     "Write async def for def"},
};

}  // namespace

TEST_CASE("whatever is wrong with a line follower, the log names the line and what to write instead") {
    const std::string program = test::student_code("line_follower.py");
    StudentRobot robot(program);
    robot.connect(0, 6, 1);
    robot.connect(1, 2, 4);
    robot.connect(2, 4, 2);
    robot.set_inputs([](Inputs& inputs) {
        inputs.gamepad_connected = true;
        inputs.gamepad_buttons = 1;
    });
    REQUIRE(robot.wait_for_log("student code: "));  // of the start
    for (const auto& mistake : mistakes) {
        const auto at = program.find(mistake.right);
        INFO(mistake.right << " -> " << mistake.wrong);
        REQUIRE(at != std::string::npos);
        std::string text = program;
        text.replace(at, std::string(mistake.right).size(), mistake.wrong);
        robot.write_code(text);
        const auto check_began = robot.log().size();
        // The last word of a check.
        REQUIRE(robot.wait_for_log("new student code"));
        const std::string check = robot.log().substr(check_began);
        INFO(check);
        if (mistake.checked != nullptr)
            CHECK(check.find(mistake.checked) != std::string::npos);
        if (mistake.told == nullptr)
            continue;
        const auto run_began = robot.log().size();
        robot.select(mistake.mode);
        const bool told = robot.wait_for_log(mistake.told);
        const std::string said = robot.log().substr(run_began);
        INFO(said);
        REQUIRE(told);
        CHECK(std::regex_search(said, std::regex("line [0-9]+")));
        const auto run = robot.select(RunMode::idle);
        REQUIRE(robot.wait_for(StudentPhase::none, run));
    }
}
