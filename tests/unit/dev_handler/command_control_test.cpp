#include "dev_handler/command_control.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <memory>
#include <tuple>
#include <vector>

#include "tests/unit/dev_handler/test_types.hpp"
#include "tests/unit/start.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
using runtime::test::field_type;
using runtime::test::start;

namespace {

struct Recorder : Actuators {
    struct Command {
        std::size_t slot;
        std::size_t parameter;
        Value value;
    };
    std::vector<GateState> stops;
    std::vector<Command> commands;
    std::vector<std::tuple<std::size_t, std::uint32_t, CommandRefusal>> refusals;
    int told = 0;

    void stop_all(GateState reason) override { stops.push_back(reason); }
    void command(std::size_t slot, std::size_t parameter, Value value) override {
        commands.push_back({slot, parameter, value});
    }
    void refused(std::size_t slot, std::uint32_t parameters, CommandRefusal refusal, bool tell) override {
        refusals.emplace_back(slot, parameters, refusal);
        told += tell ? 1 : 0;
    }
};

/// The control with everything around it; slot 0 is a KoalaBear, slot 1 a PolarBear, slot 2 a ServoControl.
struct Bench {
    // Zero bytes are a valid block.
    std::unique_ptr<CommandsBlock> block{new CommandsBlock()};
    CommandIntake intake;
    CommandControl control;
    CommandControl::Slots slots{};
    GateConditions conditions{RunMode::teleop, true, true, true, true, 5, 5};
    RobotState robot{};
    Nanoseconds time = start;
    Recorder recorder;

    Bench() {
        slots[0] = {&field_type(test::koala_bear), 3};
        slots[1] = {&field_type(test::polar_bear), 7};
        slots[2] = {&field_type(test::servo_control), 1};
        update();
    }
    void publish(std::size_t slot, std::size_t parameter, Value value, std::uint64_t run_id,
                 std::uint32_t generation) const {
        SlotCommands commands = block->slots[slot].read();
        commands.run_id = run_id;
        commands.generation = generation;
        ++commands.counters[parameter];
        commands.values[parameter] = value;
        block->slots[slot].publish(commands);
    }
    void publish(std::size_t slot, std::size_t parameter, Value value) {
        publish(slot, parameter, value, conditions.robot_run_id, slots[slot].generation);
    }
    void update() {
        recorder.commands.clear();
        recorder.stops.clear();
        recorder.refusals.clear();
        const auto changed = intake.take(*block);
        control.update(conditions, robot, intake, changed, slots, time, recorder);
    }
    float only_value() const {
        REQUIRE(recorder.commands.size() == 1);
        return recorder.commands[0].value.floating();
    }
    CommandRefusal only_refusal() const {
        REQUIRE(recorder.commands.empty());
        REQUIRE(recorder.refusals.size() == 1);
        return std::get<2>(recorder.refusals[0]);
    }
};

}  // namespace

TEST_CASE("A current command passes an open gate, once") {
    Bench bench;
    bench.publish(0, 8, Value::of(0.5F));
    bench.update();
    REQUIRE(bench.recorder.commands.size() == 1);
    CHECK(bench.recorder.commands[0].slot == 0);
    CHECK(bench.recorder.commands[0].parameter == 8);
    CHECK(bench.recorder.commands[0].value == Value::of(0.5F));
    bench.update();
    CHECK(bench.recorder.commands.empty());
    // The same value again is a command again.
    bench.publish(0, 8, Value::of(0.5F));
    bench.update();
    CHECK(bench.recorder.commands.size() == 1);
}

TEST_CASE("Values are bounded on the way, and what is not finite stops or is refused") {
    Bench bench;
    bench.publish(0, 0, Value::of(40.0F));
    bench.update();
    CHECK(bench.only_value() == 1.0F);
    bench.publish(0, 0, Value::of(std::numeric_limits<float>::quiet_NaN()));
    bench.update();
    CHECK(bench.only_value() == 0.0F);
    bench.publish(0, 4, Value::of(std::numeric_limits<float>::infinity()));
    bench.update();
    CHECK(bench.only_refusal() == CommandRefusal::not_finite);
}

TEST_CASE("Commands of another run, another generation, an empty slot or a fixed parameter are refused") {
    Bench bench;
    bench.publish(0, 0, Value::of(0.5F), 4, 3);
    bench.update();
    CHECK(bench.only_refusal() == CommandRefusal::earlier_run);
    bench.publish(0, 0, Value::of(0.5F), 5, 2);
    bench.update();
    CHECK(bench.only_refusal() == CommandRefusal::not_connected);
    bench.publish(9, 0, Value::of(0.5F), 5, 0);
    bench.update();
    CHECK(bench.only_refusal() == CommandRefusal::not_connected);
    bench.publish(1, 1, Value::of(0.5F));
    bench.update();
    CHECK(bench.only_refusal() == CommandRefusal::not_writable);
    bench.publish(1, 31, Value::of(0.5F));
    bench.update();
    CHECK(bench.only_refusal() == CommandRefusal::not_writable);
}

TEST_CASE(
    "Each way in which the gate closes stops all motors once, and what comes while it is closed is gone") {
    struct Case {
        void (*close)(GateConditions&);
        GateState reason;
    };
    for (const auto& [close, reason] : std::initializer_list<Case>{
             {[](GateConditions& c) { c.mode = RunMode::idle; }, GateState::idle},
             {[](GateConditions& c) { c.input_connected = false; }, GateState::no_input},
             {[](GateConditions& c) { c.net_handler_alive = false; }, GateState::net_handler_dead},
             {[](GateConditions& c) { c.executor_alive = false; }, GateState::executor_dead},
             {[](GateConditions& c) { c.student_running = false; }, GateState::student_not_running},
             {[](GateConditions& c) { c.robot_run_id = 6; }, GateState::other_run}}) {
        Bench bench;
        bench.publish(0, 0, Value::of(0.5F));
        bench.update();
        const GateConditions open = bench.conditions;
        bench.publish(0, 0, Value::of(0.6F));  // not looked at before the gate closes
        close(bench.conditions);
        bench.update();
        CHECK(bench.recorder.stops == std::vector{reason});
        CHECK(bench.recorder.commands.empty());
        CHECK(bench.control.gate() == reason);
        bench.publish(0, 0, Value::of(0.7F), 5, 3);
        bench.update();
        CHECK(bench.recorder.stops.empty());
        CHECK(bench.only_refusal() == CommandRefusal::gate_closed);
        bench.conditions = open;
        bench.update();
        CHECK(bench.recorder.commands.empty());
        bench.publish(0, 0, Value::of(0.8F));
        bench.update();
        CHECK(bench.only_value() == 0.8F);
    }
}

TEST_CASE("Of the commands that come too late, the first one after each closing is told, and no other") {
    Bench bench;
    for (int closing = 1; closing <= 3; ++closing) {
        bench.conditions.mode = RunMode::idle;
        bench.publish(9, 0, Value::of(0.5F));  // an empty slot has no name to tell
        for (int i = 0; i < 5; ++i) {
            bench.update();
            bench.publish(0, 0, Value::of(0.5F));
            bench.publish(2, 0, Value::of(0.5F));
        }
        CHECK(bench.recorder.told == closing);
        bench.conditions.mode = RunMode::teleop;
        bench.update();
    }
    // A closing between two looks counts as well.
    for (int i = 0; i < 5; ++i) {
        bench.conditions.robot_run_id = bench.conditions.student_run_id = 6;
        bench.publish(0, 0, Value::of(0.5F), 5, 3);
        bench.update();
        CHECK(bench.only_refusal() == CommandRefusal::earlier_run);
        CHECK(bench.recorder.told == 4);
    }
    // What is wrong with the program itself is told whenever it happens.
    bench.publish(1, 1, Value::of(0.5F));
    bench.update();
    bench.publish(1, 1, Value::of(0.5F));
    bench.update();
    CHECK(bench.recorder.told == 6);
}

TEST_CASE("A new run that began between two looks stops the motors too") {
    Bench bench;
    bench.publish(0, 0, Value::of(0.5F));
    bench.update();
    bench.conditions.robot_run_id = bench.conditions.student_run_id = 6;
    bench.publish(0, 0, Value::of(0.6F), 5, 3);
    bench.update();
    CHECK(bench.recorder.stops == std::vector{GateState::other_run});
    CHECK(bench.only_refusal() == CommandRefusal::earlier_run);
    CHECK(bench.control.gate() == GateState::open);
    // Nor does a game state bring back what the run before commanded.
    bench.robot.hypothermia = true;
    bench.update();
    CHECK(bench.recorder.commands.empty());
}

TEST_CASE("A game state that begins or ends changes what was commanded before") {
    Bench bench;
    bench.publish(0, 0, Value::of(2.0F));  // bounded to 1
    bench.publish(0, 1, Value::of(0.3F));  // not a velocity
    bench.publish(1, 0, Value::of(0.5F));  // a PolarBear: not concerned
    bench.update();
    bench.robot.poison_ivy_until = start + 10 * second;
    bench.update();
    CHECK(bench.only_value() == -1.0F);
    bench.robot.hypothermia = true;
    bench.update();
    CHECK(bench.only_value() == Approx(-0.2F));
    bench.time = bench.robot.poison_ivy_until;  // ends by time alone
    bench.update();
    CHECK(bench.only_value() == Approx(0.2F));
    bench.robot.dehydration_until = bench.time + 1;
    bench.update();
    CHECK(bench.only_value() == 0.0F);
    SECTION("a command during it is changed too") {
        bench.publish(0, 0, Value::of(0.5F));
        bench.update();
        CHECK(bench.only_value() == 0.0F);
        bench.time += second;
        bench.update();
        CHECK(bench.only_value() == Approx(0.1F));
    }
    SECTION("a device that has reconnected meanwhile is left alone") {
        ++bench.slots[0].generation;
        bench.time += second;
        bench.update();
        CHECK(bench.recorder.commands.empty());
    }
    SECTION("a gate that was closed meanwhile has forgotten the command") {
        bench.conditions.input_connected = false;
        bench.update();
        bench.conditions.input_connected = true;
        bench.update();
        bench.time += second;
        bench.update();
        CHECK(bench.recorder.commands.empty());
    }
}

TEST_CASE("Counters may wrap and jump: what counts is that they differ") {
    Bench bench;
    SlotCommands commands{};
    commands.run_id = 5;
    commands.generation = 3;
    for (const std::uint32_t counter : {0xFFFFFFFFU, 0U, 17U, 3U}) {
        commands.counters[0] = counter;
        bench.block->slots[0].publish(commands);
        bench.update();
        CHECK(bench.recorder.commands.size() == 1);
    }
    bench.block->slots[0].publish(commands);
    bench.update();
    CHECK(bench.recorder.commands.empty());
}

TEST_CASE("What was in the block before dev_handler started is not a command") {
    Bench bench;
    bench.publish(0, 0, Value::of(0.5F));
    CommandIntake late;
    late.skip(*bench.block);
    CHECK(late.take(*bench.block) == 0);
    bench.publish(0, 1, Value::of(0.5F));
    CHECK(late.take(*bench.block) == 1);
    CHECK(late.changed(0) == 0b10);
}

TEST_CASE("Any bytes in the commands block are survived") {
    Bench bench;
    for (std::uint32_t pattern : {0xFFFFFFFFU, 0x7FC00000U, 0x80000000U, 0xAAAAAAAAU}) {
        SlotCommands commands{};
        commands.run_id = 5;
        commands.generation = 3;
        commands.counters.fill(pattern);
        commands.values.fill(Value{pattern});
        for (auto& slot : bench.block->slots)
            slot.publish(commands);
        bench.update();
        for (const auto& command : bench.recorder.commands) {
            REQUIRE(bench.slots[command.slot].type != nullptr);
            const auto& parameter = bench.slots[command.slot].type->parameters[command.parameter];
            REQUIRE(parameter.write);
            if (parameter.kind == ParameterKind::floating)
                REQUIRE(std::isfinite(command.value.floating()));
            if (parameter.bounded)
                REQUIRE(std::abs(command.value.floating()) <= 1.0F);
        }
    }
}
