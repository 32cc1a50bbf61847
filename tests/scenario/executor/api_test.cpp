#include <catch2/catch.hpp>

#include "tests/scenario/executor/refusals.hpp"
#include "tests/scenario/executor/student_robot.hpp"

using namespace runtime;
using runtime::test::StudentRobot;

TEST_CASE("get_value gives an int, a float or a bool, as the device reported it") {
    StudentRobot robot(R"(
def teleop():
    for name in ("velocity_a", "enc_a", "invert_a"):
        print(name, repr(Robot.get_value("6_12345", name)))
)");
    robot.connect(31, 6, 12345);
    robot.set_value(31, "velocity_a", Value::of(0.5F));
    robot.set_value(31, "enc_a", Value::of(std::int32_t{-7}));
    robot.set_value(31, "invert_a", Value::of(true));
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("velocity_a 0.5"));
    REQUIRE(robot.wait_for_log("enc_a -7"));
    REQUIRE(robot.wait_for_log("invert_a True"));
}

namespace {

/// A robot with a KoalaBear, a LimitSwitch and a DummyDevice, for one program after the other.
class CarelessRobot {
  public:
    CarelessRobot() {
        robot_.connect(0, 6, 99);
        robot_.connect(1, 1, 7);
        robot_.connect(2, 0, 5);
    }
    /// Runs the program in TELEOP, to whose end the log must have said this line.
    void check_log_says(const std::string& body, std::string_view line) {
        robot_.write_code("def teleop():\n" + body);
        robot_.read_log();
        const std::size_t before = robot_.log().size();
        const auto run = robot_.select(RunMode::teleop);
        INFO(body);
        REQUIRE(robot_.wait_for_end(run));
        const bool found = robot_.wait_for_log(line);
        INFO(robot_.log().substr(before));
        CHECK(found);
        // What it says at last is not taken for what the next one says.
        const auto idle = robot_.select(RunMode::idle);
        REQUIRE(robot_.wait_for(StudentPhase::none, idle));
    }

  private:
    StudentRobot robot_{""};
};

}  // namespace

TEST_CASE("every mistake with a device is told with what to write instead") {
    const std::pair<const char*, const char*> mistakes[] = {
        {"    Robot.get_value('6_99', 'velocty_a')\n",
         "DeviceError: There is no parameter \"velocty_a\" on KoalaBear. Did you mean \"velocity_a\"?"},
        {"    Robot.get_value('6_12345', 'velocity_a')\n",
         "DeviceError: Device 6_12345 is not connected. Connected: 6_99 (KoalaBear), 1_7 "
         "(LimitSwitch)"},
        {"    Robot.get_value('99', 'velocity_a')\n", "ValueError: \"99\" is not a device id"},
        {"    Robot.get_value('256_1', 'x')\n", "DeviceError: There is no device type 256 (in \"256_1\")"},
        {"    Robot.get_value('6_18446744073709551616', 'enc_a')\n",
         "DeviceError: Device 6_18446744073709551616 is not connected"},
        {"    Robot.get_value('77_1', 'velocity_a')\n", "DeviceError: There is no device type 77"},
        {"    Robot.get_value(6, 'velocity_a')\n", "TypeError: the device id must be text in quotes"},
        {"    Robot.get_value('6_99')\n",
         "TypeError: param is missing: write Robot.get_value(device_id, param)"},
        {"    Robot.set_value('1_7', 'switch0', True)\n",
         "DeviceError: \"switch0\" of LimitSwitch 1_7 cannot be set, only read"},
        {"    Robot.get_value('0_5', 'SENS')\n",
         "DeviceError: \"SENS\" of DummyDevice 0_5 cannot be read, only set"},
        {"    Robot.set_value('6_99', 'velocity_a', '0.5')\n",
         "TypeError: velocity_a takes a number (float), not str '0.5': write the number without quotes"},
        {"    Robot.set_value('6_99', 'velocity_a', float('nan'))\n",
         "DeviceError: velocity_a cannot be set to float nan"},
        {"    Robot.set_value('6_99', 'enc_a', 1.5)\n",
         "TypeError: enc_a takes a whole number (int), not float 1.5: write int(value) or round(value)"},
        {"    Robot.set_value('6_99', 'enc_a', 2**31)\n",
         "DeviceError: enc_a cannot be set to int 2147483648"},
        {"    Robot.set_value('6_99', 'invert_a', 'yes')\n",
         "TypeError: invert_a takes True or False, not str 'yes'"},
        {"    class Array:\n        def __index__(self): raise TypeError('several')\n"
         "        def __repr__(self): return 'array([5])'\n"
         "    Robot.set_value('6_99', 'enc_a', Array())\n",
         "TypeError: enc_a takes a whole number (int), not Array array([5]): if it holds several"},
        {"    class Array:\n        def __float__(self): raise TypeError('several')\n"
         "        def __repr__(self): return 'array([5, 6])'\n"
         "    Robot.set_value('6_99', 'velocity_a', Array())\n",
         "TypeError: velocity_a takes a number (float), not Array array([5, 6]): if it holds several"},
        {"    class Array:\n        def __index__(self): raise TypeError('several')\n"
         "    Robot.log('mean', Array())\n",
         "TypeError: Robot.log: \"mean\" takes a whole number (int), not Array"},
        {"    Gamepad.get_value('button_q')\n",
         "KeyError: The gamepad has no \"button_q\". Did you mean \"button_a\"?"},
        {"    Gamepad.get_value('w')\n", "That is a key: write Keyboard.get_value(\"w\")"},
        {"    Keyboard.get_value('arrow_left')\n", "KeyError: The keyboard has no \"arrow_left\""},
        {"    Robot.log('x', 'text')\n", "TypeError: Robot.log shows an int, a float or a bool, not str"},
        {"    Robot.log('k' * 64, 1)\n", "ValueError: Robot.log: a key has 1 to 63 characters"},
        {"    Robot.run(print('x'))\n", "TypeError: Robot.run takes a function; without the brackets"},
        {"    Robot.sleep('1')\n", "TypeError: Robot.sleep takes a number of seconds"},
        {"    Robot.get_vaule('6_99', 'enc_a')\n",
         "AttributeError: Robot has no get_vaule. Did you mean get_value?"},
        {"    prnt('x')\n", "NameError: name 'prnt' is not defined. Did you mean: 'print'?"},
        {"    center = Robot.get_value('6_99', center)\n",
         "with a value. Did you forget the quotes? Write \"center\""},
        {"    Robot.log(speed, 1)\n",
         "NameError: name 'speed' is not defined. Did you forget the quotes? Write \"speed\""},
        {"    import nunpy\n", "ModuleNotFoundError: No module named 'nunpy'. Did you mean 'numpy'?"},
        {"    import qwertzuiop\n", "No module named 'qwertzuiop' on the robot"},
        {"    exec('if True:\\npass')\n", "begin with the same number of spaces: four for each step"},
        {"    import subprocess\n    subprocess.run(['ls'])\n", "PermissionError"},
        {"    open('/tmp/elsewhere', 'w')\n", "PermissionError"},
        {"    import os\n    os.chmod('.', 0)\n", "PermissionError"},
        {"    import os\n    os.truncate('/dev/null', 0)\n", "PermissionError"},
        {"    import os\n    os.close(os.open('/dev/null', os.O_RDONLY | os.O_TRUNC))\n", "PermissionError"},
        {"    import os\n    os.setpriority(os.PRIO_USER, 0, 16)\n", "PermissionError"},
        {"    import fcntl, os\n    fcntl.fcntl(0, 8, os.getppid())  # F_SETOWN\n", "PermissionError"},
        {"    import fcntl\n    fcntl.fcntl(0, 10, 9)  # F_SETSIG\n", "PermissionError"},
        {"    import ctypes\n    c = ctypes.CDLL(None, use_errno=True)\n"
         "    print('PDEATHSIG', c.syscall(157, ctypes.c_long(2**32 + 1), 0), ctypes.get_errno())\n",
         "PDEATHSIG -1 1"},
        {"    open('notes.txt', 'w').write('x')\n    print(open('notes.txt').read(), 'can be read')\n",
         "x can be read"},
        {"    open('big', 'wb').write(bytes(40_000_000))\n", "File too large"},
        {"    import math, random, time, threading, json, numpy\n    print('sum', numpy.arange(4).sum())\n",
         "sum 6"},
    };
    CarelessRobot robot;
    for (const auto& [body, line] : mistakes)
        robot.check_log_says(body, line);
}

TEST_CASE("what is not allowed on the robot raises an error that says so") {
    CarelessRobot robot;
    for (const auto& [body, line] : test::refusals)
        robot.check_log_says(body, line);
    robot.check_log_says(
        "    try:\n        open('/etc/shadow')\n    except OSError as error:\n"
        "        print('my words:', error)\n",
        "my words: [Errno 13] Permission denied: '/etc/shadow' (not allowed on the robot: student code may");
    robot.check_log_says(
        "    for error in PermissionError('mine'), PermissionError():\n"
        "        print('my words:', [str(error)])\n",
        "my words: ['mine']");
}

TEST_CASE("a traceback comes after what was printed before it, and no flood of messages costs it") {
    StudentRobot robot(R"(
def wave():
    Robot.sleep(100)

def teleop():
    for _ in range(1000):
        Robot.run(wave)
    print("not a whole line", end="")
    raise ValueError("what is wrong")
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_end(run));
    REQUIRE(robot.wait_for_log("not a whole line"));
    REQUIRE(robot.wait_for_log("ValueError: what is wrong"));
}

TEST_CASE("a file with both styles for a mode runs setup and main, and its setup may be left out") {
    StudentRobot robot(R"(
def teleop():
    print("once")

def teleop_main():
    print("main")
    Robot.sleep(1000)
)");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("main"));
    CHECK(robot.log().find("once") == std::string::npos);
}

TEST_CASE("what else is called as a mode is its own matter in a file of the other style") {
    const auto [code, printed] = GENERATE(
        std::pair("def teleop(speed):\n    print('at', speed)\ndef teleop_main():\n    teleop(0.5)\n",
                  "at 0.5"),
        std::pair("teleop = 0.25\ndef teleop_main():\n    print('at', teleop)\n", "at 0.25"),
        std::pair("def teleop_setup(speed):\n    print('at', speed)\ndef teleop():\n    teleop_setup(1)\n",
                  "at 1"));
    StudentRobot robot(code);
    REQUIRE(robot.wait_for_log("student code: "));
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log(printed));
    CHECK(robot.log().find("is called without values") == std::string::npos);
}

TEST_CASE("a name that the API does not have is told of with what it has, and with nothing else") {
    const auto [line, told] =
        GENERATE(std::pair("Robot.drive(1)",
                           "Robot has no drive. It has get_value, is_running, log, run, set_value, sleep, "
                           "start_pos."),
                 std::pair("[].pop()", "IndexError: pop from empty list"),
                 std::pair("raise EOFError('Ran out of input')", "EOFError: Ran out of input"));
    StudentRobot robot(std::string("def teleop():\n    ") + line + "\n");
    REQUIRE(robot.wait_for_log("student code: "));
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("Error: "));
    CHECK_THAT(robot.line().text, Catch::EndsWith(told));
}

TEST_CASE("numbers are taken as students write them") {
    StudentRobot robot(R"(
def teleop():
    Robot.set_value("6_1", "velocity_a", 1)
    Robot.set_value(device_id="6_1", param="enc_a", value=5)
    Robot.set_value("6_1", "invert_a", 1)
    Robot.set_value("6_1", "invert_b", True)
    Robot.set_value("6_1", "velocity_b", True)
    Robot.set_value("6_1", "enc_b", True)
    Robot.log("whole", 3)
    Robot.log("part", 0.5)
    Robot.log("truth", True)
    Robot.log("whole", 4)
    Robot.log("large", 1e300)
    Robot.log("low", -1e300)
)");
    robot.connect(5, 6, 1);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::ended, run));
    CHECK(robot.commanded(5, "velocity_a") == Value::of(1.0F));
    CHECK(robot.commanded(5, "enc_a") == Value::of(std::int32_t{5}));
    CHECK(robot.commanded(5, "invert_a") == Value::of(true));
    CHECK(robot.commanded(5, "invert_b") == Value::of(true));
    CHECK(robot.commanded(5, "velocity_b") == Value::of(1.0F));
    CHECK(robot.commanded(5, "enc_b") == Value::of(std::int32_t{1}));
    CHECK(robot.value_of("whole") == "4");
    CHECK(robot.value_of("part") == "0.500000");
    CHECK(robot.value_of("truth") == "True");
    CHECK(robot.value_of("large") == "inf");
    CHECK(robot.value_of("low") == "-inf");
    CHECK(robot.custom_data()->extent.read().count == 5);
    CHECK(robot.custom_data()->extent.read().run_id == run);
}

TEST_CASE("a command is for the generation of the device that is connected when it is given") {
    StudentRobot robot(R"(
def teleop_main():
    if Gamepad.get_value("button_a"):
        Robot.set_value("6_1", "velocity_a", Gamepad.get_value("joystick_left_x"))
)");
    robot.connect(2, 6, 1);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::running, run));
    const auto press = [&](float axis) {
        robot.set_inputs([&](Inputs& inputs) {
            inputs.gamepad_connected = true;
            inputs.gamepad_buttons = 1;
            inputs.gamepad_axes[0] = axis;
        });
    };
    press(0.25F);
    REQUIRE(robot.wait_for_command(2, "velocity_a", Value::of(0.25F)));
    CHECK(robot.commands(2).generation == 1);
    robot.connect(2, 6, 1);
    press(0.5F);
    REQUIRE(robot.wait_for_command(2, "velocity_a", Value::of(0.5F)));
    REQUIRE(test::wait_until([&] { return robot.commands(2).generation == 2; }));
}

TEST_CASE(
    "a device that is expected back after a restart of dev_handler has its last value, and no command "
    "reaches it") {
    StudentRobot robot(R"(
turns = 0

def teleop_main():
    global turns
    Robot.set_value("6_1", "velocity_a", 0.5)
    Robot.log("encoder", Robot.get_value("6_1", "enc_a"))
    turns += 1
    Robot.log("turns", turns)
)");
    const auto two_more_turns = [&] {
        const int turns = std::stoi(robot.value_of("turns"));
        return test::wait_until([&] { return std::stoi(robot.value_of("turns")) >= turns + 2; });
    };
    robot.connect(0, 6, 1);
    robot.set_value(0, "enc_a", Value::of(7));
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(test::wait_until([&] { return !robot.value_of("turns").empty(); }));
    robot.disconnect(0, now() + 1000 * second);
    REQUIRE(two_more_turns());
    const auto commands = robot.command_count(0, "velocity_a");
    REQUIRE(two_more_turns());
    CHECK(robot.command_count(0, "velocity_a") == commands);
    CHECK(robot.value_of("encoder") == "7");
    robot.connect(0, 6, 1);
    REQUIRE(test::wait_until([&] { return robot.commands(0).generation == 2; }));
    robot.disconnect(0, now());
    CHECK(robot.wait_for_log("Device 6_1 is not connected"));
    CHECK(robot.wait_for(StudentPhase::failed, run));
}

TEST_CASE("the first value of a device that was just connected is waited for") {
    StudentRobot robot(R"(
def teleop():
    print("asks")
    print("got", Robot.get_value("8_4", "distance"))
)");
    robot.connect(0, 8, 4, false);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("asks"));
    robot.set_value(0, "distance", Value::of(2.5F));
    REQUIRE(robot.wait_for_log("got 2.5"));
}

TEST_CASE(
    "a device that reports nothing is not waited for without an end, and the error says what is wrong") {
    StudentRobot robot("def teleop():\n    Robot.get_value('8_4', 'distance')\n");
    robot.connect(0, 8, 4, false);
    const auto run = robot.select(RunMode::teleop);
    CHECK(robot.wait_for_log("has no value yet: the device has just been connected"));
    CHECK(robot.wait_for(StudentPhase::failed, run));
}

TEST_CASE("a file without the mode's functions says which are missing") {
    StudentRobot robot("def autonomous():\n    pass\n");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log("student_code.py has neither teleop_main nor teleop"));
}

TEST_CASE("a main function that takes long is told of with the line where the time goes") {
    StudentRobot robot(R"(
import time
def teleop_setup():
    pass
def teleop_main():
    time.sleep(0.3)
)");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("student_code.py, line 6, in teleop_main: time.sleep(0.3)"));
    REQUIRE(test::wait_until([&] { return robot.student().longest_iteration_ms > 250; }));
}
