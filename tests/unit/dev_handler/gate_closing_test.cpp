#include <array>
#include <catch2/catch.hpp>
#include <memory>

#include "dev_handler/command_control.hpp"
#include "dev_handler/outgoing.hpp"
#include "tests/support/wire.hpp"
#include "tests/unit/dev_handler/test_types.hpp"
#include "tests/unit/start.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
using runtime::test::Bytes;
using runtime::test::field_type;
using runtime::test::start;
namespace wire = runtime::test::wire;
using wire::ValueMap;

namespace {

constexpr std::uint32_t uart_speed = 11520;

/// Gate, commands and what waits for three motors, with time that stands still: a KoalaBear behind a bridge,
/// one on USB, and a PolarBear.
struct Robot final : Actuators {
    std::unique_ptr<CommandsBlock> block{new CommandsBlock()};
    CommandIntake intake;
    CommandControl control;
    CommandControl::Slots slots{};
    std::array<Outgoing, 3> outgoing{Outgoing(uart_speed), Outgoing(0), Outgoing(0)};
    GateConditions conditions{RunMode::teleop, true, true, true, true, 5, 5};
    std::uint64_t coalesced = 0;

    Robot() {
        const std::array numbers{test::koala_bear, test::koala_bear, test::polar_bear};
        for (std::size_t i = 0; i < outgoing.size(); ++i) {
            slots[i] = {&field_type(numbers[i]), 1};
            outgoing[i].connect(*slots[i].type);
            write(i);  // the zeros of the beginning, which each device then shows to have taken
            outgoing[i].reported(stops(i), Values{});
        }
        update();
    }

    void stop_all(GateState) override {
        for (Outgoing& device : outgoing)
            device.stop();
    }
    void command(std::size_t slot, std::size_t parameter, Value value) override {
        REQUIRE(outgoing[slot].command(parameter, value, coalesced));
    }
    void refused(std::size_t, std::uint32_t, CommandRefusal, bool) override {}

    void update() {
        control.update(conditions, RobotState{}, intake, intake.take(*block), slots, start, *this);
    }
    void command_all(float value) {
        for (std::size_t i = 0; i < outgoing.size(); ++i) {
            SlotCommands commands = block->slots[i].read();
            commands.run_id = 5;
            commands.generation = 1;
            for (std::size_t parameter = 0; parameter < slots[i].type->parameter_count; ++parameter)
                if ((stops(i) >> parameter & 1U) != 0) {
                    ++commands.counters[parameter];
                    commands.values[parameter] = Value::of(value);
                }
            block->slots[i].publish(commands);
        }
        update();
    }
    std::uint32_t stops(std::size_t i) const { return slots[i].type->bitmap(&ParameterType::stop); }
    ValueMap zeros(std::size_t i) const {
        ValueMap values;
        for (std::size_t parameter = 0; parameter < slots[i].type->parameter_count; ++parameter)
            if ((stops(i) >> parameter & 1U) != 0)
                values[parameter] = 0;
        return values;
    }
    Bytes front(std::size_t i) {
        const auto bytes = outgoing[i].front(start);
        return {bytes.begin(), bytes.end()};
    }
    Bytes write(std::size_t i) {
        Bytes bytes = front(i);
        if (!bytes.empty())
            REQUIRE(outgoing[i].written(bytes.size(), start));
        return bytes;
    }
    ValueMap write_values(std::size_t i) {
        const auto message = wire::decode(write(i));
        REQUIRE(message);
        REQUIRE(message->id == wire::device_write);
        const auto values = wire::parse_values(message->payload, *slots[i].type);
        REQUIRE(values);
        return *values;
    }
};

}  // namespace

TEST_CASE("In the turn in which the gate closes, every stop parameter of every device is written zero") {
    void (*const close)(GateConditions&) = GENERATE(
        as<void (*)(GateConditions&)>(),                                    //
        [](GateConditions& c) { c.mode = RunMode::idle; },                  //
        [](GateConditions& c) { c.input_connected = false; },               //
        [](GateConditions& c) { c.net_handler_alive = false; },             //
        [](GateConditions& c) { c.executor_alive = false; },                //
        [](GateConditions& c) { c.student_running = false; },               //
        [](GateConditions& c) { c.robot_run_id = 6; },                      //
        [](GateConditions& c) { c.robot_run_id = c.student_run_id = 6; });  // a new run
    Robot robot;
    robot.command_all(0.5F);
    SECTION("after commands that the devices have taken") {
        for (std::size_t i = 1; i < 3; ++i)
            REQUIRE(robot.write_values(i) != robot.zeros(i));
    }
    SECTION("while commands wait") {
        robot.command_all(0.7F);
        robot.outgoing[0].queue_ping();
    }
    SECTION("while a line has taken half a frame, which is completed first") {
        const Bytes frame = robot.front(1);
        REQUIRE_FALSE(robot.outgoing[1].written(3, start));
        close(robot.conditions);
        robot.update();
        REQUIRE(robot.write(1) == Bytes(frame.begin() + 3, frame.end()));
    }
    close(robot.conditions);
    robot.update();
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(robot.write_values(i) == robot.zeros(i));
}
