#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace runtime::student {

/// The gamepad's buttons; the index is the bit.
inline constexpr std::array<std::string_view, 17> button_names{
    "button_a",  "button_b",  "button_x",    "button_y",     "l_bumper",   "r_bumper",
    "l_trigger", "r_trigger", "button_back", "button_start", "l_stick",    "r_stick",
    "dpad_up",   "dpad_down", "dpad_left",   "dpad_right",   "button_xbox"};

/// The gamepad's axes, in their order.
inline constexpr std::array<std::string_view, 4> axis_names{"joystick_left_x", "joystick_left_y",
                                                            "joystick_right_x", "joystick_right_y"};

/// The keyboard's keys; the index is the bit.
inline constexpr std::array<std::string_view, 47> key_names{
    "a", "b", "c", "d", "e", "f", "g", "h",          "i",           "j",        "k",         "l",
    "m", "n", "o", "p", "q", "r", "s", "t",          "u",           "v",        "w",         "x",
    "y", "z", "1", "2", "3", "4", "5", "6",          "7",           "8",        "9",         "0",
    ",", ".", "/", ";", "'", "[", "]", "left_arrow", "right_arrow", "up_arrow", "down_arrow"};

/// Other names of the keys from bit 43 on: what the driver station's editor writes.
inline constexpr std::array<std::string_view, 4> arrow_aliases{"ArrowLeft", "ArrowRight", "ArrowUp",
                                                               "ArrowDown"};

/// The index of the name, or nothing.
std::optional<unsigned> find_button(std::string_view name) noexcept;
std::optional<unsigned> find_axis(std::string_view name) noexcept;
std::optional<unsigned> find_key(std::string_view name) noexcept;

/// Why the gamepad or the keyboard has nothing of this name, and which name is meant; empty if it has.
std::string gamepad_problem(std::string_view name);
std::string keyboard_problem(std::string_view name);

}  // namespace runtime::student
