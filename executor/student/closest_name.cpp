#include "executor/student/closest_name.hpp"

#include <algorithm>
#include <cctype>

namespace runtime::student {
namespace {

/// Names that students write are short; what is longer is no misspelling, and would cost time.
constexpr std::size_t longest_name = 64;

char lower(char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
}

}  // namespace

std::size_t edit_distance(std::string_view one, std::string_view other) {
    const std::size_t width = other.size() + 1;
    std::vector<std::size_t> table((one.size() + 1) * width);
    const auto cell = [&](std::size_t i, std::size_t j) -> std::size_t& { return table[i * width + j]; };
    for (std::size_t i = 0; i <= one.size(); ++i)
        cell(i, 0) = i;
    for (std::size_t j = 0; j <= other.size(); ++j)
        cell(0, j) = j;
    for (std::size_t i = 1; i <= one.size(); ++i) {
        for (std::size_t j = 1; j <= other.size(); ++j) {
            const bool same = lower(one[i - 1]) == lower(other[j - 1]);
            std::size_t best = cell(i - 1, j - 1) + (same ? 0 : 1);
            best = std::min({best, cell(i - 1, j) + 1, cell(i, j - 1) + 1});
            if (i > 1 && j > 1 && lower(one[i - 1]) == lower(other[j - 2]) &&
                lower(one[i - 2]) == lower(other[j - 1]))
                best = std::min(best, cell(i - 2, j - 2) + 1);
            cell(i, j) = best;
        }
    }
    return cell(one.size(), other.size());
}

std::string_view closest_name(std::string_view name, std::span<const std::string_view> candidates) {
    if (name.empty() || name.size() > longest_name)
        return {};
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (const auto candidate : candidates) {
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string hint(std::string_view name, std::span<const std::string_view> candidates) {
    const auto closest = closest_name(name, candidates);
    return closest.empty() ? std::string() : " Did you mean \"" + std::string(closest) + "\"?";
}

}  // namespace runtime::student
