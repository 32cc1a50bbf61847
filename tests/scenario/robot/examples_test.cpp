/// The example programs on the virtual robot, which stands on a line.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/layout.hpp"
#include "tests/support/virtual_devices.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime::test;

namespace {

/// Of the encoders: 3 m, which is more than a straight part of the line.
constexpr int far = 3 * 4584;
/// 0.15 is the floor, 0.9 the line.
constexpr float on_the_line = 0.5;

std::string example(const std::string& name) {
    std::ifstream file(SOURCE_DIRECTORY "/executor/examples/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

constexpr std::uint64_t key_w = 1ULL << 22;

bool logged(const DevData& data, const std::string& key, float value) {
    const Param* found = find_parameter(data, "CustomData", key);
    return found != nullptr && found->fval() == Approx(value);
}

float brightest(const DevData& data) {
    float brightest = 0;
    for (const char* sensor : {"left", "center", "right"})
        if (const Param* seen = find_parameter(data, "2_4", sensor))
            brightest = std::max(brightest, seen->fval());
    return brightest;
}

}  // namespace

TEST_CASE("line.py follows the line of the virtual robot") {
    const Robot robot;
    VirtualDevices devices(robot, {}, {"--robot"});
    SECTION("on which it stands") {}
    // As if the processor had been away for half a second.
    SECTION("which it has lost, a little to the right") {
        devices.command("place 1.83 1.13 0");
    }
    WholeRobot daemons(robot, devices.ports(), example("line.py"));
    DriverStation dawn(daemons.port());
    REQUIRE(dawn.wait_for_devices([](const DevData& data) {
        return find_parameter(data, "6_1", "enc_a") != nullptr &&
               find_parameter(data, "2_4", "center") != nullptr;
    }));
    const runtime::BlockReader<runtime::StudentBlock> student(robot.instance());
    dawn.set_mode(RunMode::AUTO);
    const auto arrived = dawn.wait_for_devices([&](const DevData& data) {
        // On a busy machine a device may be lost for a moment, which ends the program: then once more.
        if (student->state.read().phase == runtime::StudentPhase::failed) {
            dawn.set_mode(RunMode::IDLE);
            dawn.set_mode(RunMode::AUTO);
        }
        const Param* left = find_parameter(data, "6_1", "enc_a");
        const Param* right = find_parameter(data, "6_1", "enc_b");
        return left != nullptr && right != nullptr && left->ival() > far && right->ival() > far &&
               brightest(data) > on_the_line;
    });
    CHECK(arrived);
}

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
