// A row of the table in systemd/README.md: clock jumps. The machine's own clock is not a test's to set.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "shm_wrapper/log_ring.hpp"
#include "tests/scenario/survival/running_numbers.hpp"
#include "tests/scenario/survival/services.hpp"
#include "tests/support/driver_station.hpp"
#include "tests/support/virtual_devices.hpp"

using namespace runtime;
using namespace runtime::test;

TEST_CASE("a wall clock that jumps with every look disturbs no daemon and loses no line") {
    REQUIRE(setenv("LD_PRELOAD", JUMPING_CLOCK, 1) == 0);
    const auto jumps =
        run({"/usr/bin/python3", "-c", "import time; print(abs(time.time() - time.time()) > 3e9)"});
    REQUIRE(jumps.output == "True\n");

    const Robot robot;
    const std::string student_code = robot.directory() + "/student_code.py";
    std::ofstream(student_code) << counting_code;
    VirtualDevices devices(robot, {"KoalaBear:77"});
    Services services(robot, devices.ports(), student_code, robot.directory());
    LogReader reader(robot.instance(), "executor", LogReader::From::oldest);
    RunningNumbers numbers;
    DriverStation dawn(services.port());
    dawn.keep_receiving();
    dawn.keep_sending(gamepad(0));
    const std::string moves = "velocity_a == " + std::to_string(counting_velocity);
    for (const auto mode : {::RunMode::TELEOP, ::RunMode::AUTO}) {
        dawn.set_mode(mode);
        REQUIRE(devices.await(0, moves) != 0);
        const auto lines = numbers.count() + 50;
        REQUIRE(wait_until(
            [&] {
                while (const auto line = reader.next()) {
                    CHECK(line->lost_before == 0);
                    if (const auto fault = numbers.take(line->text))
                        FAIL(*fault);
                }
                return numbers.count() >= lines;
            },
            reader.word()));
        REQUIRE(devices.await(0, moves) != 0);
        dawn.set_mode(::RunMode::IDLE);
        REQUIRE(devices.await(0, "velocity_a == 0") != 0);
    }
    for (const Daemon daemon : all_daemons)
        CHECK(services[daemon].running());
}
