#include "net_handler/station/key_names.hpp"

#include <algorithm>
#include <array>

namespace runtime::station {
namespace {

using namespace std::literals;

constexpr std::array<std::string_view, key_count> names_by_bit{
    "a", "b", "c", "d", "e", "f", "g", "h",          "i",           "j",        "k",         "l",
    "m", "n", "o", "p", "q", "r", "s", "t",          "u",           "v",        "w",         "x",
    "y", "z", "1", "2", "3", "4", "5", "6",          "7",           "8",        "9",         "0",
    ",", ".", "/", ";", "'", "[", "]", "left_arrow", "right_arrow", "up_arrow", "down_arrow"};

/// As the driver station's editor calls the last four keys.
constexpr std::array<std::string_view, 4> arrows{"ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"};

constexpr std::array<std::string_view, button_count> buttons{
    "button_a",  "button_b",  "button_x",    "button_y",     "l_bumper",   "r_bumper",
    "l_trigger", "r_trigger", "button_back", "button_start", "l_stick",    "r_stick",
    "dpad_up",   "dpad_down", "dpad_left",   "dpad_right",   "button_xbox"};

template <std::size_t count>
std::optional<std::size_t> find(const std::array<std::string_view, count>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

std::string_view key_name(std::size_t bit) noexcept {
    return bit < names_by_bit.size() ? names_by_bit[bit] : ""sv;
}

std::optional<std::size_t> key_bit(std::string_view name) noexcept {
    if (const auto arrow = find(arrows, name))
        return key_count - arrows.size() + *arrow;
    return find(names_by_bit, name);
}

std::optional<std::size_t> button_bit(std::string_view name) noexcept {
    return find(buttons, name);
}

std::string names_of_keys(std::uint64_t pressed) {
    std::string names;
    for (std::size_t bit = 0; bit < key_count; ++bit)
        if ((pressed >> bit & 1) != 0)
            names.append(names.empty() ? "" : " ").append(key_name(bit));
    return names;
}

}  // namespace runtime::station
