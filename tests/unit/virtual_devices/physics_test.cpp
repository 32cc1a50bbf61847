#include "tests/virtual_devices/physics.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <numbers>

namespace runtime::virtual_devices {

TEST_CASE("a world where nothing turns stands still") {
    World world;
    const Pose before = world.pose();
    world.step(10);
    CHECK(world.pose().x == before.x);
    CHECK(world.pose().y == before.y);
    CHECK(world.pose().heading == before.heading);
}

TEST_CASE("equal wheels drive straight, opposite wheels turn on the spot") {
    World world;
    world.place({1.8, 1.8, 0});
    Motor& left = world.motor(0, 0);
    Motor& right = world.motor(0, 1);
    left.duty = right.duty = 0.5;
    world.step(1);
    CHECK(world.pose().x > 2.0);
    CHECK(world.pose().y == Approx(1.8));
    CHECK(left.position == Approx(right.position));

    world.place({1.8, 1.8, 0});
    left.duty = -0.3;
    right.duty = 0.3;
    world.step(0.5);
    CHECK(world.pose().heading > 0.3);
    world.step(2);
    CHECK(world.pose().x == Approx(1.8).margin(0.2));
}

TEST_CASE("the battery sags under load, recovers, and slows the robot down when it is weak") {
    World world;
    Motor& motor = world.motor(0, 0);
    world.step(0.1);
    const float rested = world.surroundings().cells[0];
    motor.duty = 1;
    world.step(0.02);
    const float loaded = world.surroundings().cells[0];
    CHECK(loaded < rested - 0.1F);
    world.step(2);
    const double fast = motor.speed;
    motor.duty = 0;
    world.step(2);
    CHECK(world.surroundings().cells[0] > loaded);
    CHECK(world.surroundings().cells[0] <= rested);
    world.charge(3.2);
    motor.duty = 1;
    world.step(2);
    CHECK(motor.speed < 0.85 * fast);
}

TEST_CASE("an empty battery moves nothing and gives no strange numbers") {
    World world;
    world.charge(0);
    world.motor(0, 0).duty = 1;
    world.motor(0, 1).duty = 1;
    const double x = world.pose().x;
    world.step(5);
    CHECK(world.pose().x == x);
    CHECK(world.surroundings().cells[0] == 0.0F);
}

TEST_CASE("walls stop the robot, press its bumpers and shorten the distance") {
    World world;
    world.place({1.8, 1.8, 0});
    CHECK(world.surroundings().distance == Approx(100 * (World::field - 1.8 - World::half_body)));
    CHECK_FALSE(world.surroundings().switches[0]);
    world.motor(0, 0).duty = 1;
    world.motor(0, 1).duty = 1;
    world.step(10);
    CHECK(world.pose().x <= World::field - World::half_body);
    CHECK(world.surroundings().distance == Approx(0).margin(1));
    CHECK(world.surroundings().switches[0]);
    CHECK(world.surroundings().switches[1]);
    CHECK_FALSE(world.surroundings().switches[2]);

    world.motor(0, 0).duty = -1;
    world.motor(0, 1).duty = -1;
    world.step(10);
    CHECK_FALSE(world.surroundings().switches[0]);
    CHECK(world.surroundings().switches[2]);
}

TEST_CASE("the line sensors are brightest on the line, and tell left from right") {
    World world;
    CHECK(world.surroundings().line[1] > 0.85F);
    const Pose on_line = world.pose();
    world.place({on_line.x, on_line.y - 0.03, 0});
    CHECK(world.surroundings().line[0] > world.surroundings().line[2] + 0.2F);
    world.place({on_line.x, on_line.y + 0.03, 0});
    CHECK(world.surroundings().line[2] > world.surroundings().line[0] + 0.2F);
    world.place({World::field / 2, World::field / 2, 0});
    for (const float sensor : world.surroundings().line)
        CHECK(sensor < 0.2F);
}

TEST_CASE("a simple controller follows the line all the way round") {
    World world;
    Motor& left = world.motor(0, 0);
    Motor& right = world.motor(0, 1);
    double worst = 0;
    bool far_side = false;
    for (int i = 0; i < 4000; ++i) {
        const auto& line = world.surroundings().line;
        const double turn = 0.6 * static_cast<double>(line[0] - line[2]);
        left.duty = 0.3 - turn;
        right.duty = 0.3 + turn;
        world.step(0.01);
        worst = std::max(worst, distance_to_line(world.pose().x, world.pose().y));
        far_side = far_side || world.pose().y > World::field / 2 + 0.8;
    }
    CHECK(far_side);
    CHECK(worst < 0.15);
}

TEST_CASE("a robot is always inside the walls, wherever it is put") {
    World world;
    const double infinity = std::numeric_limits<double>::infinity();
    for (const Pose pose : {Pose{-5, 99, 1}, Pose{infinity, 0, 0}, Pose{0, 0, std::numbers::pi / 4}}) {
        world.place(pose);
        CHECK(world.pose().x >= World::half_body);
        CHECK(world.pose().x <= World::field - World::half_body);
        CHECK(world.pose().y >= World::half_body);
        CHECK(world.pose().y <= World::field - World::half_body);
        CHECK(world.surroundings().distance >= 0.0F);
    }
}

TEST_CASE("a wall farther away than the echo carries returns none") {
    World world;
    world.place({0, 0, std::numbers::pi / 4});
    CHECK_FALSE(world.surroundings().echo);
    world.place({1.8, 1.8, 0});
    CHECK(world.surroundings().echo);
}

TEST_CASE("a device's motors lose their power together") {
    World world;
    world.motor(3, 0).duty = 1;
    world.motor(3, 1).duty = 1;
    world.motor(4, 0).duty = 1;
    world.stop_motors(3);
    CHECK(world.motor(3, 0).duty == 0);
    CHECK(world.motor(3, 1).duty == 0);
    CHECK(world.motor(4, 0).duty == 1);
}

}  // namespace runtime::virtual_devices
