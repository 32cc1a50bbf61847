/// The whole robot, driven as its users drive it: real daemons, virtual devices, a driver station.
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/support/virtual_devices.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime::test;

namespace {

constexpr std::uint64_t key_w = 1ULL << 22;
constexpr std::uint64_t button_a = 1;

// On a busy machine a device may be lost for a moment, and the gate may close for one: the programs here do
// not end with the first, and command again after the second.
const std::string command_again = R"(
def command(parameter, value):
    try:
        Robot.set_value("6_77", parameter, value)
    except DeviceError as problem:
        print(problem)
)";

const std::string drive_with_loop = command_again + R"(
def teleop_setup():
    print("setup ran")
    command("deadband_a", 0.0)

def teleop_main():
    speed = 0.0
    if Keyboard.get_value("w") or Gamepad.get_value("button_a"):
        speed = 0.75
    command("velocity_a", speed)
    Robot.log("speed", speed)

def autonomous_setup():
    print("starting on the", Robot.start_pos)

def autonomous_main():
    command("velocity_b", -0.5)
)";

const std::string drive_once = command_again + R"(
def autonomous():
    print("once, auto")
    while True:
        command("velocity_a", 0.5)
        Robot.sleep(0.01)

def teleop():
    print("once, teleop")
    while True:
        command("velocity_a", 0.25 if Keyboard.get_value("w") else 0.0)
        Robot.sleep(0.01)
)";

struct Fixture {
    Robot robot;
    VirtualDevices devices{robot, {"KoalaBear:77", "PDB:5", "LimitSwitch:3"}};

    bool moves_a(double velocity) {
        return devices.await(0, "velocity_a == " + std::to_string(velocity)) != 0;
    }
    bool moves_b(double velocity) {
        return devices.await(0, "velocity_b == " + std::to_string(velocity)) != 0;
    }
};

bool shows(const DevData& data, const std::string& parameter, float value) {
    const Param* found = find_parameter(data, "6_77", parameter);
    return found != nullptr && found->fval() == Approx(value);
}

std::int32_t encoder(const DevData& data) {
    const Param* found = find_parameter(data, "6_77", "enc_a");
    return found == nullptr ? 0 : found->ival();
}

}  // namespace

TEST_CASE_METHOD(Fixture, "a driver station drives the robot: keys, velocity, encoders, prints, IDLE stops") {
    WholeRobot daemons(robot, devices.ports(), drive_with_loop);
    DriverStation dawn(daemons.port());
    dawn.keep_receiving();
    dawn.keep_sending(keyboard(0));
    REQUIRE(dawn.wait_for_devices([](const DevData& data) {
        return find_parameter(data, "6_77", "velocity_a") != nullptr &&
               find_parameter(data, "7_5", "v_batt") != nullptr &&
               find_parameter(data, "1_3", "switch0") != nullptr;
    }));

    dawn.set_mode(RunMode::TELEOP);
    REQUIRE(dawn.wait_for_log("setup ran"));
    dawn.keep_sending(keyboard(key_w));
    const auto moving =
        dawn.wait_for_devices([](const DevData& data) { return shows(data, "velocity_a", 0.75F); });
    REQUIRE(moving);
    const std::int32_t start = encoder(*moving);
    REQUIRE(dawn.wait_for_devices([&](const DevData& data) { return encoder(data) > start + 10; }));
    REQUIRE(dawn.wait_for_devices([](const DevData& data) {
        const Param* speed = find_parameter(data, "CustomData", "speed");
        return speed != nullptr && speed->fval() == Approx(0.75F) && speed->readonly();
    }));

    SECTION("a released key") {
        dawn.keep_sending(keyboard(0));
        REQUIRE(moves_a(0));
    }
    SECTION("IDLE, with the key still pressed") {
        dawn.set_mode(RunMode::IDLE);
        REQUIRE(moves_a(0));
        REQUIRE(dawn.wait_for_devices([](const DevData& data) { return shows(data, "velocity_a", 0); }));
    }
    SECTION("a driver station that goes away") {
        dawn.stop_sending();
        dawn.reset();
        REQUIRE(moves_a(0));
    }
    SECTION("inputs that stop coming") {
        dawn.stop_sending();
        REQUIRE(moves_a(0));
    }
    SECTION("a daemon that is killed") {
        const auto index = GENERATE(0U, 1U, 2U);
        Process& daemon = index == 0   ? daemons.net_handler()
                          : index == 1 ? daemons.executor()
                                       : daemons.dev_handler();
        daemon.signal(SIGKILL);
        REQUIRE(moves_a(0));
    }
    SECTION("AUTO after TELEOP is another run") {
        dawn.set_mode(RunMode::AUTO);
        REQUIRE(dawn.wait_for_log("starting on the left"));
        REQUIRE(moves_b(-0.5));
        REQUIRE(moves_a(0));
    }
}

TEST_CASE_METHOD(Fixture, "student code of the other style runs too") {
    WholeRobot daemons(robot, devices.ports(), drive_once);
    DriverStation dawn(daemons.port());
    dawn.keep_receiving();
    dawn.keep_sending(keyboard(0));
    REQUIRE(dawn.wait_for_devices(
        [](const DevData& data) { return encoder(data) == 0 && data.devices_size() > 3; }));

    dawn.set_mode(RunMode::AUTO);
    REQUIRE(dawn.wait_for_log("once, auto"));
    REQUIRE(moves_a(0.5));
    dawn.set_mode(RunMode::TELEOP);
    REQUIRE(dawn.wait_for_log("once, teleop"));
    REQUIRE(moves_a(0));
    dawn.keep_sending(keyboard(key_w));
    REQUIRE(moves_a(0.25));
    dawn.set_mode(RunMode::IDLE);
    REQUIRE(moves_a(0));
}

TEST_CASE_METHOD(Fixture,
                 "the field control runs a match: the driver station drives, and cannot start a mode") {
    WholeRobot daemons(robot, devices.ports(), drive_with_loop);
    DriverStation dawn(daemons.port());
    dawn.keep_receiving();
    dawn.keep_sending(gamepad(button_a));
    DriverStation shepherd(daemons.port(), DriverStation::Kind::shepherd);
    shepherd.keep_receiving();
    REQUIRE(shepherd.wait_for_status([](const RuntimeStatus& status) {
        return status.shep_connected() && status.dawn_connected() && status.battery() > 5;
    }));
    REQUIRE(dawn.wait_for_devices(
        [](const DevData& data) { return find_parameter(data, "6_77", "enc_a") != nullptr; }));

    dawn.set_mode(RunMode::TELEOP);
    REQUIRE(dawn.wait_for_log("field control"));
    REQUIRE(
        shepherd.wait_for_status([](const RuntimeStatus& status) { return status.mode() == RunMode::IDLE; }));

    shepherd.set_start_position(StartPos::RIGHT);
    shepherd.set_mode(RunMode::AUTO);
    REQUIRE(
        shepherd.wait_for_status([](const RuntimeStatus& status) { return status.mode() == RunMode::AUTO; }));
    REQUIRE(dawn.wait_for_log("starting on the right"));
    REQUIRE(moves_b(-0.5));

    shepherd.set_mode(RunMode::TELEOP);
    REQUIRE(moves_a(0.75));
    SECTION("poison ivy reverses") {
        shepherd.send_game_state(GameState::POISON_IVY);
        REQUIRE(moves_a(-0.75));
    }
    SECTION("dehydration stops") {
        shepherd.send_game_state(GameState::DEHYDRATION);
        REQUIRE(moves_a(0));
    }
    SECTION("hypothermia slows until its end") {
        shepherd.send_game_state(GameState::HYPOTHERMIA_START);
        REQUIRE(moves_a(0.15));
        shepherd.send_game_state(GameState::HYPOTHERMIA_END);
        REQUIRE(moves_a(0.75));
    }
    SECTION("the driver station may always stop") {
        dawn.set_mode(RunMode::IDLE);
        REQUIRE(moves_a(0));
    }
    SECTION("the end of the match: IDLE followed at once by a close") {
        shepherd.set_mode(RunMode::IDLE);
        shepherd.close();
        REQUIRE(moves_a(0));
    }
}

TEST_CASE_METHOD(Fixture, "an exception stops the motors and reaches the driver station whole") {
    WholeRobot daemons(robot, devices.ports(), command_again + R"(
def teleop():
    while not Keyboard.get_value("w"):
        command("velocity_a", 0.5)
        Robot.sleep(0.01)
    Robot.set_value("6_77", "velocty_a", 0.5)
)");
    DriverStation dawn(daemons.port());
    dawn.keep_receiving();
    dawn.keep_sending(keyboard(0));
    REQUIRE(dawn.wait_for_devices(
        [](const DevData& data) { return find_parameter(data, "6_77", "enc_a") != nullptr; }));
    dawn.set_mode(RunMode::TELEOP);
    REQUIRE(moves_a(0.5));
    dawn.keep_sending(keyboard(key_w));
    REQUIRE(dawn.wait_for_log("Traceback"));
    REQUIRE(dawn.wait_for_log("line 12, in teleop"));
    REQUIRE(dawn.wait_for_log("DeviceError"));
    REQUIRE(moves_a(0));
}

TEST_CASE_METHOD(Fixture, "a device that is unplugged and plugged in again starts with nothing commanded") {
    WholeRobot daemons(robot, devices.ports(), command_again + R"(
def teleop():
    while not Keyboard.get_value("w"):
        command("velocity_a", 0.5)
        Robot.sleep(0.01)
    print("hands off")
    Robot.sleep(1000)
)");
    DriverStation dawn(daemons.port());
    dawn.keep_receiving();
    dawn.keep_sending(keyboard(0));
    const auto there = [](const DevData& data) { return find_parameter(data, "6_77", "enc_a") != nullptr; };
    REQUIRE(dawn.wait_for_devices(there));
    dawn.set_mode(RunMode::TELEOP);
    REQUIRE(moves_a(0.5));
    dawn.keep_sending(keyboard(key_w));
    REQUIRE(dawn.wait_for_log("hands off"));
    devices.command("unplug 0");
    REQUIRE(dawn.wait_for_devices([&](const DevData& data) { return !there(data); }));
    devices.command("replug 0");
    REQUIRE(dawn.wait_for_devices(there));
    REQUIRE(dawn.wait_for_devices([](const DevData& data) { return shows(data, "velocity_a", 0); }));
}

TEST_CASE_METHOD(Fixture, "changed student code is taken for the next run, without a restart") {
    WholeRobot daemons(robot, devices.ports(), "def teleop():\n    print('first version')\n");
    DriverStation dawn(daemons.port());
    dawn.keep_receiving();
    dawn.keep_sending(keyboard(0));
    dawn.set_mode(RunMode::TELEOP);
    REQUIRE(dawn.wait_for_log("first version"));
    dawn.set_mode(RunMode::IDLE);
    daemons.write_student_code("def teleop():\n    print('second version')\n");
    dawn.set_mode(RunMode::TELEOP);
    REQUIRE(dawn.wait_for_log("second version"));
}
