#include <catch2/catch.hpp>

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
