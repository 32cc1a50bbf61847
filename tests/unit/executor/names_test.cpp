#include <array>
#include <catch2/catch.hpp>

#include "executor/student/closest_name.hpp"
#include "executor/student/device_id.hpp"
#include "executor/student/input_names.hpp"

using namespace runtime::student;

TEST_CASE("a device id is a type, _ and a number") {
    CHECK(parse_device_id("6_12345") == DeviceId{6, 12345});
    CHECK(parse_device_id("0_0") == DeviceId{0, 0});
    CHECK(parse_device_id("255_18446744073709551615") == DeviceId{255, 18446744073709551615U});
    for (const char* text : {"", "_", "6", "6_", "_1", "-6_1", "6_-1", "6_1 ", " 6_1", "6_1x", "6__1",
                             "0x6_1", "6.0_1", "6_1_1", "256_", "six_1"}) {
        INFO(text);
        CHECK_FALSE(parse_device_id(text));
    }
}

TEST_CASE("numbers that no device can have make a device id all the same") {
    CHECK(parse_device_id("256_1") == DeviceId{std::nullopt, 1});
    CHECK(parse_device_id("6_18446744073709551616") == DeviceId{6, std::nullopt});
    CHECK(parse_device_id("99999999999999999999_99999999999999999999") == DeviceId{});
}

TEST_CASE("the distance of two names counts the mistakes of somebody who types") {
    CHECK(edit_distance("velocity_a", "velocity_a") == 0);
    CHECK(edit_distance("velocty_a", "velocity_a") == 1);
    CHECK(edit_distance("veolcity_a", "velocity_a") == 1);
    CHECK(edit_distance("Velocity_A", "velocity_a") == 0);
    CHECK(edit_distance("", "abc") == 3);
}

TEST_CASE("the closest name is hinted at, and nothing where none is close") {
    constexpr std::array<std::string_view, 3> names{"velocity_a", "velocity_b", "enc_a"};
    CHECK(closest_name("velocty_b", names) == "velocity_b");
    CHECK(closest_name("ENC_A", names) == "enc_a");
    CHECK(closest_name("temperature", names).empty());
    CHECK(closest_name("", names).empty());
    CHECK(closest_name(std::string(100'000, 'v'), names).empty());
    CHECK(hint("end_a", names) == " Did you mean \"enc_a\"?");
}

TEST_CASE("buttons, axes and keys have the bits of the network protocol") {
    CHECK(find_button("button_a") == 0U);
    CHECK(find_button("button_xbox") == 16U);
    CHECK(find_axis("joystick_right_y") == 3U);
    CHECK(find_key("a") == 0U);
    CHECK(find_key("1") == 26U);
    CHECK(find_key("0") == 35U);
    CHECK(find_key("down_arrow") == 46U);
    CHECK(find_key("ArrowLeft") == find_key("left_arrow"));
    CHECK(find_key("ArrowRight") == find_key("right_arrow"));
    CHECK(find_key("ArrowUp") == find_key("up_arrow"));
    CHECK(find_key("ArrowDown") == find_key("down_arrow"));
    CHECK_FALSE(find_key("A"));
    CHECK_FALSE(find_button("joystick_left_x"));
}

TEST_CASE("a wrong name of an input is answered with the one that is meant") {
    CHECK(gamepad_problem("button_a").empty());
    CHECK(gamepad_problem("joystick_left").find("Did you mean") != std::string::npos);
    CHECK(gamepad_problem("w").find("Keyboard.get_value(\"w\")") != std::string::npos);
    CHECK(keyboard_problem("button_a").find("Gamepad.get_value") != std::string::npos);
    CHECK(gamepad_problem("a").find("Did you mean \"button_a\"") != std::string::npos);
    CHECK(keyboard_problem("W").find("Did you mean \"w\"") != std::string::npos);
    CHECK(keyboard_problem("up").find("Did you mean \"up_arrow\"") != std::string::npos);
    CHECK(keyboard_problem("space").find("Did you mean") == std::string::npos);
    CHECK(keyboard_problem("leftarrow").find("Did you mean \"left_arrow\"") != std::string::npos);
}
