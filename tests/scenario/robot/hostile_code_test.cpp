/// Hostile student code on the whole robot, with a motor that turns: one program after the other, and in the
/// end the robot is as good as new.
#include <catch2/catch.hpp>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/layout.hpp"
#include "tests/scenario/executor/hostile_programs.hpp"
#include "tests/scenario/executor/student_robot.hpp"
#include "tests/support/virtual_devices.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

const std::string next_program = R"(
def autonomous():
    Robot.set_value("6_1", "velocity_b", 0.5)
    print("the next mode")
    Robot.sleep(1000)
)";

}  // namespace

TEST_CASE("after any program the motors are at zero, the next mode starts, and the driver station is told") {
    const Robot robot;
    VirtualDevices devices{robot, {"KoalaBear:1"}};
    WholeRobot daemons(robot, devices.ports(), "");
    const BlockReader<StudentBlock> student(robot.instance());
    DriverStation dawn(daemons.port());
    dawn.keep_sending(keyboard(0));
    REQUIRE(dawn.wait_for_devices(
        [](const DevData& data) { return find_parameter(data, "6_1", "enc_a") != nullptr; }));

    for (const auto& program : hostile_programs) {
        if (!can_run(program))
            continue;
        INFO(program.file);
        daemons.write_student_code(student_code(std::string("hostile/") + program.file));
        const std::uint64_t before = student->state.read().run_id;
        dawn.set_mode(::RunMode::TELEOP);
        REQUIRE(wait_until([&] { return student->state.read().run_id > before; }));
        const pid_t hostile = student->state.read().pid;
        if (program.fails())
            REQUIRE(wait_until([&] { return student->state.read().phase == StudentPhase::failed; }));
        else
            REQUIRE(devices.await(0, "velocity_a == 1") != 0);
        const bool told_later = program.when == HostileProgram::When::at_the_end_of_its_mode;
        // By then it is inside what it guards itself with.
        REQUIRE(dawn.wait_for_log(told_later ? "begun" : program.told));

        daemons.write_student_code(next_program);
        dawn.set_mode(::RunMode::AUTO);
        REQUIRE(devices.await(0, "velocity_a == 0") != 0);
        if (told_later && *program.told != '\0')
            REQUIRE(dawn.wait_for_log(program.told));
        REQUIRE(dawn.wait_for_log("the next mode"));
        REQUIRE(devices.await(0, "velocity_b == 0.5") != 0);
        REQUIRE(process_identity(hostile) == 0);
        dawn.set_mode(::RunMode::IDLE);
        REQUIRE(devices.await(0, "velocity_b == 0") != 0);
        REQUIRE(daemons.dev_handler().running());
        REQUIRE(daemons.executor().running());
        REQUIRE(daemons.net_handler().running());
    }
}
