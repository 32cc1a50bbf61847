#include "executor/run_control.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using namespace runtime::executor;

namespace {

constexpr Nanoseconds start_time = 1'000 * millisecond;

RobotState robot(RunMode mode, std::uint64_t run_id) {
    RobotState state{};
    state.mode = mode;
    state.run_id = run_id;
    return state;
}

/// A control whose run 5 runs.
RunControl with_run() {
    RunControl control;
    control.spare_ready(start_time);
    const auto step = control.robot_changed(robot(RunMode::teleop, 5), start_time);
    REQUIRE(step.start);
    return control;
}

}  // namespace

TEST_CASE("a mode starts with the spare, or as soon as there is one") {
    RunControl control;
    SECTION("spare first") {
        CHECK_FALSE(control.spare_ready(start_time).start);
        CHECK(control.robot_changed(robot(RunMode::teleop, 5), start_time).start);
    }
    SECTION("mode first") {
        const auto step = control.robot_changed(robot(RunMode::teleop, 5), start_time);
        CHECK_FALSE(step.start);
        REQUIRE(step.publish);
        CHECK(step.publish->phase == StudentPhase::starting);
        CHECK(control.spare_ready(start_time).start);
    }
    CHECK(control.running() == 5);
}

TEST_CASE("the same run seen again starts and ends nothing") {
    auto control = with_run();
    control.spare_ready(start_time);
    const auto step = control.robot_changed(robot(RunMode::teleop, 5), start_time);
    CHECK_FALSE(step.start);
    CHECK_FALSE(step.ask_to_end);
    CHECK_FALSE(step.publish);
}

TEST_CASE("IDLE asks the process to end and kills it after the grace period") {
    auto control = with_run();
    const auto asked = control.robot_changed(robot(RunMode::idle, 5), start_time);
    CHECK(asked.ask_to_end);
    REQUIRE(asked.publish);
    CHECK(asked.publish->phase == StudentPhase::stuck);
    CHECK(control.deadline() == start_time + grace_period);
    CHECK_FALSE(control.time_passed(start_time + grace_period - 1).kill);
    CHECK_FALSE(control.over());
    CHECK(control.time_passed(start_time + grace_period).kill);
    CHECK_FALSE(control.time_passed(start_time + 2 * grace_period).kill);
    const auto gone = control.process_gone(start_time + grace_period + 1);
    REQUIRE(gone.publish);
    CHECK(gone.publish->phase == StudentPhase::none);
    CHECK(control.deadline() == 0);
}

TEST_CASE("a new run starts when the process of the last one is gone, not before") {
    auto control = with_run();
    control.spare_ready(start_time);
    const auto asked = control.robot_changed(robot(RunMode::autonomous, 6), start_time);
    CHECK(asked.ask_to_end);
    CHECK_FALSE(asked.start);
    CHECK(control.process_gone(start_time + 1).start);
    CHECK(control.running() == 6);
}

TEST_CASE("a run that returned or failed is not run again, and the next one is") {
    for (const bool failed : {false, true}) {
        auto control = with_run();
        const auto step = failed ? control.code_failed(start_time) : control.code_returned(start_time);
        REQUIRE(step.publish);
        CHECK(step.publish->phase == (failed ? StudentPhase::failed : StudentPhase::ended));
        CHECK_FALSE(step.ask_to_end);
        control.spare_ready(start_time);
        const auto gone = control.process_gone(start_time + 1);
        CHECK_FALSE(gone.start);
        CHECK_FALSE(gone.publish);
        CHECK_FALSE(control.robot_changed(robot(RunMode::teleop, 5), start_time + 2).start);
        CHECK(control.robot_changed(robot(RunMode::teleop, 6), start_time + 3).start);
    }
}

TEST_CASE("a program that failed has longer to tell why, unless the mode changes") {
    auto control = with_run();
    control.code_failed(start_time);
    CHECK(control.deadline() == start_time + leave_period);
    CHECK(control.over());
    control.robot_changed(robot(RunMode::idle, 5), start_time + 1);
    CHECK(control.deadline() == start_time + 1 + grace_period);
}

TEST_CASE("a program that ends by itself has no less time for it than one that is told to") {
    RunControl control(0, 2 * leave_period);
    control.spare_ready(start_time);
    REQUIRE(control.robot_changed(robot(RunMode::teleop, 5), start_time).start);
    control.code_returned(start_time);
    CHECK(control.deadline() == start_time + 2 * leave_period);
}

TEST_CASE("a process that goes without a word has failed") {
    auto control = with_run();
    const auto step = control.process_gone(start_time);
    REQUIRE(step.publish);
    CHECK(step.publish->phase == StudentPhase::failed);
    CHECK(step.publish->run_id == 5);
}

TEST_CASE("a run that ended before executor was started is not run again") {
    RunControl control(5);
    control.spare_ready(start_time);
    CHECK_FALSE(control.robot_changed(robot(RunMode::teleop, 5), start_time).start);
    CHECK(control.robot_changed(robot(RunMode::teleop, 6), start_time).start);
}

TEST_CASE("a run that ended or failed stays so when executor ends: the next executor does not run it again") {
    const bool failed = GENERATE(false, true);
    auto control = with_run();
    failed ? control.code_failed(start_time) : control.code_returned(start_time);
    SECTION("its process has gone") {
        control.process_gone(start_time);
        CHECK_FALSE(control.shut_down(start_time).publish);
    }
    SECTION("its process is about to go") {
        control.shut_down(start_time);
        CHECK_FALSE(control.process_gone(start_time).publish);
    }
}

TEST_CASE("nothing starts once executor is about to end") {
    auto control = with_run();
    CHECK(control.shut_down(start_time).ask_to_end);
    control.spare_ready(start_time);
    const auto gone = control.process_gone(start_time);
    CHECK_FALSE(gone.start);
    REQUIRE(gone.publish);
    CHECK(gone.publish->phase == StudentPhase::none);
    CHECK_FALSE(control.process_lives());
}

TEST_CASE("a start that cannot be carried out fails the run, and the spare is kept for the next") {
    auto control = with_run();
    const auto step = control.start_failed();
    REQUIRE(step.publish);
    CHECK(step.publish->phase == StudentPhase::failed);
    CHECK_FALSE(control.spare_ready(start_time).start);
    CHECK(control.robot_changed(robot(RunMode::teleop, 6), start_time).start);
}
