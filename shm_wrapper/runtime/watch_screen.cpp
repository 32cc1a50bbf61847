#include "shm_wrapper/runtime/watch_screen.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "shm_wrapper/runtime/text.hpp"

namespace runtime::overview {
namespace {

constexpr int page = 10;
/// The keys that move, in both cursor modes.
constexpr std::array<std::pair<std::string_view, int>, 6> movements{
    {{"\x1B[A", -1}, {"\x1BOA", -1}, {"\x1B[B", 1}, {"\x1BOB", 1}, {"\x1B[5~", -page}, {"\x1B[6~", page}}};

std::string_view style_of(Tone tone) {
    switch (tone) {
        case Tone::plain:
            return {};
        case Tone::title:
            return style::bold;
        case Tone::good:
            return style::green;
        case Tone::warning:
            return style::yellow;
        case Tone::bad:
            break;
    }
    return style::red;
}

std::string head(const Snapshot& snapshot, std::size_t width) {
    Row row(width);
    row.add(" runtime watch ", style::bold).add(time_text(snapshot.moment.wall_time, false).substr(0, 8));
    row.add("  q quits, arrows and Page Up/Down scroll", style::faint);
    return std::move(row).text();
}

}  // namespace

std::vector<std::string> watch_rows(const Snapshot& snapshot, ScreenSize size, std::size_t& first_row) {
    std::vector<std::string> rows;
    if (size.rows == 0 || size.columns == 0)
        return rows;
    std::vector<std::string> body;
    for (const auto& line : status_report(snapshot)) {
        const auto wrapped = wrapped_rows(line.text, size.columns, style_of(line.tone));
        body.insert(body.end(), wrapped.begin(), wrapped.end());
    }
    rows.push_back(head(snapshot, size.columns));
    const std::size_t room = size.rows - 1;
    first_row = std::min(first_row, body.size() - std::min(body.size(), room));
    const auto begin = body.begin() + static_cast<std::ptrdiff_t>(first_row);
    rows.insert(rows.end(), begin,
                begin + static_cast<std::ptrdiff_t>(std::min(room, body.size() - first_row)));
    rows.resize(size.rows);
    return rows;
}

WatchWish wish_from(std::string_view typed) {
    WatchWish wish;
    while (!typed.empty()) {
        const auto movement = std::find_if(movements.begin(), movements.end(), [&](const auto& candidate) {
            return typed.starts_with(candidate.first);
        });
        if (movement != movements.end()) {
            wish.rows += movement->second;
            typed.remove_prefix(movement->first.size());
            continue;
        }
        constexpr std::string_view quits = "qQ\x03\x04";
        wish.quit = wish.quit || quits.find(typed.front()) != std::string_view::npos;
        typed.remove_prefix(1);
    }
    return wish;
}

}  // namespace runtime::overview
