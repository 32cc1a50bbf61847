#include "executor/student/input_names.hpp"

#include <algorithm>

namespace runtime::student {
namespace {

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
        return static_cast<unsigned>(key_names.size() - arrow_aliases.size()) + *alias;
    return std::nullopt;
}

}  // namespace runtime::student
