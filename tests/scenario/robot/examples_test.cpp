/// The example programs that a person drives, on the virtual robot.
#include <catch2/catch.hpp>

#include "tests/scenario/robot/example.hpp"
#include "tests/support/virtual_devices.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime::test;

namespace {

constexpr std::uint64_t key_w = 1ULL << 22;

bool logged(const DevData& data, const std::string& key, float value) {
    const Param* found = find_parameter(data, "CustomData", key);
    return found != nullptr && found->fval() == Approx(value);
}

}  // namespace

TEST_CASE(
    "drive.py and once.py drive the virtual robot with a gamepad and with the keyboard, print and log") {
    const std::string name = GENERATE(as<std::string>{}, "drive.py", "once.py");
    CAPTURE(name);
    const Robot robot;
    VirtualDevices devices(robot, {}, {"--robot"});
    const auto moves = [&](const std::string& left, const std::string& right) {
        return devices.await(0, "velocity_a == " + left) != 0 &&
               devices.await(0, "velocity_b == " + right) != 0;
    };
    WholeRobot daemons(robot, devices.ports(), example(name));
    DriverStation dawn(daemons.port());
    dawn.keep_receiving();
    // Half forward, a quarter to the right.
    dawn.keep_sending(gamepad(0, {0.25F, -0.5F, 0, 0}));
    REQUIRE(dawn.wait_for_devices(
        [](const DevData& data) { return find_parameter(data, "6_1", "enc_a") != nullptr; }));
    dawn.set_mode(RunMode::TELEOP);
    REQUIRE(dawn.wait_for_log("TELEOP: drive with the left stick"));
    REQUIRE(moves("0.6", "0.2"));
    REQUIRE(dawn.wait_for_devices(
        [](const DevData& data) { return logged(data, "left", 0.6F) && logged(data, "right", 0.2F); }));

    dawn.keep_sending(keyboard(key_w));
    REQUIRE(moves("0.8", "0.8"));
    REQUIRE(dawn.wait_for_devices(
        [](const DevData& data) { return logged(data, "left", 0.8F) && logged(data, "right", 0.8F); }));
    if (name == "drive.py") {
        REQUIRE(dawn.wait_for_log("driven with the gamepad"));
        REQUIRE(dawn.wait_for_log("driven with the keyboard"));
        REQUIRE(dawn.wait_for_devices([](const DevData& data) {
            const Param* encoder = find_parameter(data, "CustomData", "encoder_left");
            return encoder != nullptr && encoder->ival() > 0;
        }));
    }

    dawn.set_mode(RunMode::AUTO);
    REQUIRE(dawn.wait_for_log("AUTO: starting at the left"));
}
