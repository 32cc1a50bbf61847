/// The example that follows a line, on the virtual robot, which stands on one.
#include <algorithm>
#include <catch2/catch.hpp>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/layout.hpp"
#include "tests/scenario/robot/example.hpp"
#include "tests/support/virtual_devices.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime::test;

namespace {

/// Of the encoders: 2 m, which is more than a straight part of the line.
constexpr int far = 2 * 4584;
/// 0.15 is the floor, 0.9 the line.
constexpr float on_the_line = 0.5;

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
