#include "dev_handler/command_filter.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace runtime;
using namespace runtime::dev_handler;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

ParameterType motor() {
    ParameterType parameter{};
    parameter.kind = ParameterKind::floating;
    parameter.write = true;
    parameter.stop = true;
    parameter.bounded = true;
    parameter.game_states = true;
    parameter.minimum = -1;
    parameter.maximum = 1;
    return parameter;
}

}  // namespace

TEST_CASE("A float is bounded to its range") {
    const ParameterType parameter = motor();
    for (const auto& [commanded, expected] : {std::pair{0.5F, 0.5F},
                                              {1.0F, 1.0F},
                                              {1.0001F, 1.0F},
                                              {-3e38F, -1.0F},
                                              {-1.0F, -1.0F},
                                              {0.0F, 0.0F}})
        CHECK(bounded(parameter, Value::of(commanded))->floating() == expected);
}

TEST_CASE("A float that is not finite stops a motor, and is refused elsewhere") {
    for (const float value : {not_a_number, infinity, -infinity}) {
        ParameterType parameter = motor();
        CHECK(bounded(parameter, Value::of(value)) == Value::of(0.0F));
        parameter.stop = false;
        CHECK_FALSE(bounded(parameter, Value::of(value)));
        parameter.bounded = false;
        CHECK_FALSE(bounded(parameter, Value::of(value)));
    }
}

TEST_CASE("Without bounds a finite value passes as it is, a boolean becomes 0 or 1, an integer is bounded") {
    ParameterType parameter{};
    parameter.kind = ParameterKind::floating;
    CHECK(bounded(parameter, Value::of(3e38F)) == Value::of(3e38F));
    parameter.kind = ParameterKind::boolean;
    CHECK(bounded(parameter, Value{256}) == Value{1});
    CHECK(bounded(parameter, Value{0}) == Value{0});
    parameter.kind = ParameterKind::integer;
    CHECK(bounded(parameter, Value::of(-5)) == Value::of(-5));
    parameter.bounded = true;
    parameter.minimum = -10;
    parameter.maximum = 10;
    CHECK(bounded(parameter, Value::of(11)) == Value::of(10));
    CHECK(bounded(parameter, Value::of(std::numeric_limits<std::int32_t>::min())) == Value::of(-10));
    parameter.minimum = 3e9;
    parameter.maximum = 4e9;
    CHECK(bounded(parameter, Value::of(0)) == Value::of(std::numeric_limits<std::int32_t>::max()));
}

TEST_CASE("Game states reverse, stop and slow a motor, together where they come together") {
    struct Case {
        GameStates states;
        float expected;
    };
    for (const auto& [states, expected] : std::initializer_list<Case>{{{false, false, false}, 0.5F},
                                                                      {{true, false, false}, -0.5F},
                                                                      {{false, true, false}, 0.0F},
                                                                      {{false, false, true}, 0.1F},
                                                                      {{true, true, false}, 0.0F},
                                                                      {{true, false, true}, -0.1F},
                                                                      {{false, true, true}, 0.0F},
                                                                      {{true, true, true}, 0.0F}}) {
        CHECK(with_game_states(motor(), Value::of(0.5F), states).floating() == Approx(expected));
        ParameterType other = motor();
        other.game_states = false;
        CHECK(with_game_states(other, Value::of(0.5F), states).floating() == 0.5F);
    }
    // After the bounds, so that nobody gains by asking for more.
    CHECK(with_game_states(motor(), *bounded(motor(), Value::of(5.0F)), {false, false, true}).floating() ==
          Approx(0.2F));
}

TEST_CASE("Game states act on integers too, without overflow") {
    ParameterType parameter = motor();
    parameter.kind = ParameterKind::integer;
    CHECK(with_game_states(parameter, Value::of(100), {true, false, true}) == Value::of(-20));
    CHECK(with_game_states(parameter, Value::of(std::numeric_limits<std::int32_t>::min()),
                           {true, false, false}) == Value::of(std::numeric_limits<std::int32_t>::max()));
}

TEST_CASE("Game states end at their time") {
    RobotState robot{};
    robot.poison_ivy_until = 100;
    robot.dehydration_until = 200;
    robot.hypothermia = true;
    CHECK(game_states_at(robot, 99) == GameStates{true, true, true});
    CHECK(game_states_at(robot, 100) == GameStates{false, true, true});
    CHECK(game_states_at(robot, 200) == GameStates{false, false, true});
    CHECK(game_states_at(RobotState{}, 1) == GameStates{});
}

TEST_CASE("Zero is zero also with a sign") {
    CHECK(is_zero(ParameterKind::floating, Value::of(-0.0F)));
    CHECK_FALSE(is_zero(ParameterKind::integer, Value::of(-0.0F)));
    CHECK_FALSE(is_zero(ParameterKind::floating, Value::of(not_a_number)));
    CHECK(is_zero(ParameterKind::boolean, Value::of(false)));
}
