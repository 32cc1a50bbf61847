#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runtime::student {

/// How many letters must be added, removed, changed or swapped with their neighbour to make one name of the
/// other; upper and lower case count as the same.
std::size_t edit_distance(std::string_view one, std::string_view other);

/// The candidate that `name` probably means, or empty if none is close (more than a third of its letters
/// differ).
std::string_view closest_name(std::string_view name, std::span<const std::string_view> candidates);

/// ` Did you mean "…"?`, or empty.
std::string hint(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace runtime::student
