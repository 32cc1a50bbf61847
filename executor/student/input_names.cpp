#include "executor/student/input_names.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "executor/student/closest_name.hpp"

namespace runtime::student {
namespace {

/// The keys before it have names of one letter.
constexpr std::size_t first_arrow = key_names.size() - arrow_aliases.size();

template <std::size_t N>
std::optional<unsigned> find(const std::array<std::string_view, N>& names, std::string_view name) noexcept {
    const auto* found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<unsigned>(found - names.begin());
}

}  // namespace

std::optional<unsigned> find_button(std::string_view name) noexcept {
    return find(button_names, name);
}

std::optional<unsigned> find_axis(std::string_view name) noexcept {
    return find(axis_names, name);
}

std::optional<unsigned> find_key(std::string_view name) noexcept {
    if (const auto key = find(key_names, name))
        return key;
    if (const auto alias = find(arrow_aliases, name))
        return static_cast<unsigned>(first_arrow) + *alias;
    return std::nullopt;
}

std::string gamepad_problem(std::string_view name) {
    if (find_button(name) || find_axis(name))
        return {};
    std::vector<std::string_view> names(button_names.begin(), button_names.end());
    names.insert(names.end(), axis_names.begin(), axis_names.end());
    std::string meant = hint(name, names);
    if (const std::string button = "button_" + std::string(name); find_button(button))
        meant = " Did you mean \"" + button + "\"?";
    else if (find_key(name))
        meant = " That is a key: write Keyboard.get_value(\"" + std::string(name) + "\")";
    else if (meant.empty())
        meant = " Buttons are called like \"button_a\", sticks like \"joystick_left_y\"";
    return "The gamepad has no \"" + std::string(name) + "\"." + meant;
}

std::string keyboard_problem(std::string_view name) {
    if (find_key(name))
        return {};
    // A name of one letter is close to every other; what it can be meant for is itself in another case.
    const auto* const same = std::find_if(key_names.begin(), key_names.end(), [&](std::string_view key) {
        return edit_distance(name, key) == 0;
    });
    std::string meant;
    if (const std::string arrow = std::string(name) + "_arrow"; find_key(arrow))
        meant = " Did you mean \"" + arrow + "\"?";
    else if (name.size() > 1)
        meant = hint(name, std::span(key_names).subspan(first_arrow));
    else if (same != key_names.end())
        meant = " Did you mean \"" + std::string(*same) + "\"?";
    if (find_button(name) || find_axis(name))
        meant = " That is on the gamepad: write Gamepad.get_value(\"" + std::string(name) + "\")";
    else if (meant.empty())
        meant = " Keys are called \"a\" to \"z\", \"0\" to \"9\", \"left_arrow\" and so on";
    return "The keyboard has no \"" + std::string(name) + "\"." + meant;
}

}  // namespace runtime::student
