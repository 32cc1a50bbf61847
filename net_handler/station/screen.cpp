#include "net_handler/station/screen.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "net_handler/protocol/mode_line.hpp"
#include "net_handler/station/key_names.hpp"
#include "net_handler/station/printer.hpp"

namespace runtime::station {
namespace {

using style::bold;
using style::faint;
using style::red;
using style::yellow;

constexpr std::string_view running = "\x1B[1;30;42m";  // black on green
constexpr std::string_view stopped = "\x1B[7m";

/// A value and its name take this much, and a column at least.
constexpr std::size_t column_width = 26;
constexpr std::size_t fixed_rows = 5;  // state, function keys, held keys, two titles

std::string state_row(const ScreenState& state, std::size_t width) {
    Row row(width);
    const Picture& picture = state.picture;
    // First of all, so that no terminal is too narrow for it.
    if (state.connected && picture.mode)
        row.add(std::string(" ").append(name_of(picture.mode->mode)) + " ",
                picture.mode->mode == RunMode::idle ? stopped : running);
    if (state.connected && picture.mode_refused)
        row.add(" field control decides", yellow);
    row.add(" ").add(state.robot, bold).add("  ").add(state.connection, state.connected ? "" : red);
    if (state.connected && picture.latency) {
        std::array<char, 48> text;
        std::snprintf(text.data(), text.size(), "  latency %.1f ms",
                      static_cast<double>(*picture.latency) / millisecond);
        row.add(text.data());
    }
    return std::move(row).text();
}

std::string keys_row(std::uint64_t keys, std::size_t width) {
    Row row(width);
    row.add(" keys: ");
    if (keys == 0)
        row.add("none", faint);
    else
        row.add(names_of_keys(keys), bold);
    return std::move(row).text();
}

std::vector<std::string> device_rows(const DevData& devices, std::size_t width) {
    const std::size_t columns = std::max<std::size_t>(1, (width - 2) / column_width);
    std::vector<std::string> rows;
    for (const auto& device : devices.devices()) {
        Row title(width);
        const std::string id = id_of(device);
        title.add(" ").add(id, bold);
        if (id != device.name())
            title.add(" ").add(in_a_row(device.name()));
        rows.push_back(std::move(title).text());
        for (int i = 0; i < device.params_size();) {
            Row row(width);
            row.add("  ");
            for (std::size_t column = 0; column < columns && i < device.params_size(); ++column, ++i) {
                const auto& parameter = device.params(i);
                row.add_column(in_a_row(parameter.name()), value_text(parameter), column_width);
            }
            rows.push_back(std::move(row).text());
        }
    }
    return rows;
}

std::string_view style_of(std::string_view line) {
    const auto has = [&](std::string_view word) { return line.find(word) != std::string_view::npos; };
    return has("ERROR: ") || has("Error: ") ? red : has("WARNING: ") ? yellow : std::string_view{};
}

void add_devices(std::vector<std::string>& rows, const ScreenState& state, ScreenSize size,
                 std::size_t available) {
    const auto devices = device_rows(state.picture.devices, size.columns);
    const std::size_t for_log = std::max<std::size_t>(1, available / 3);
    const std::size_t shown = std::min(devices.size(), available - for_log);
    const std::size_t first = std::min(state.first_row_of_devices, devices.size() - shown);
    std::string title = "devices";
    if (shown < devices.size())
        title += ", rows " + std::to_string(first + 1) + "-" + std::to_string(first + shown) + " of " +
                 std::to_string(devices.size());
    rows.push_back(title_row(title, size.columns));
    const auto begin = devices.begin() + static_cast<std::ptrdiff_t>(first);
    rows.insert(rows.end(), begin, begin + static_cast<std::ptrdiff_t>(shown));
}

/// The newest lines, a long one in as many rows as it takes; `count` rows at the most.
std::vector<std::string> log_rows(const std::deque<std::string>& log, std::size_t width, std::size_t count) {
    std::vector<std::string> rows;  // from the bottom
    for (auto line = log.rbegin(); line != log.rend() && rows.size() < count; ++line) {
        const auto of_line = wrapped_rows(*line, width, style_of(*line));
        rows.insert(rows.end(), of_line.rbegin(), of_line.rend());
    }
    rows.resize(std::min(rows.size(), count));
    return {rows.rbegin(), rows.rend()};
}

}  // namespace

std::vector<std::string> screen_rows(const ScreenState& state, ScreenSize size) {
    std::vector<std::string> rows;
    if (size.rows == 0 || size.columns < 4)
        return rows;
    rows.push_back(state_row(state, size.columns));
    if (size.rows > fixed_rows + 1) {
        Row help(size.columns);
        help.add(" F2 AUTO  F3 TELEOP  F4 or space: stop  PgUp PgDn devices  Ctrl-C quit", faint);
        rows.push_back(std::move(help).text());
        rows.push_back(keys_row(state.keys, size.columns));
        add_devices(rows, state, size, size.rows - fixed_rows);
        rows.push_back(title_row("log", size.columns));
    }
    const auto log = log_rows(state.picture.log, size.columns, size.rows - rows.size());
    rows.insert(rows.end(), log.begin(), log.end());
    rows.resize(size.rows);
    return rows;
}

}  // namespace runtime::station
