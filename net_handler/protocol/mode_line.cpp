#include "net_handler/protocol/mode_line.hpp"

namespace runtime::net {
namespace {

constexpr std::string_view origin = "[net_handler] ";
constexpr std::string_view warning = "WARNING: ";
constexpr std::string_view set_by = ", set by the ";

}  // namespace

std::string_view name_of(RunMode mode) noexcept {
    return mode == RunMode::idle ? "IDLE" : mode == RunMode::autonomous ? "AUTO" : "TELEOP";
}

std::string mode_line(RunMode mode, Client client, std::uint64_t run_id) {
    return std::string(name_of(mode)).append(set_by).append(name_of(client)) + " (run " +
           std::to_string(run_id) + ")";
}

std::optional<RunMode> mode_in(std::string_view line) noexcept {
    if (!line.starts_with(origin))
        return std::nullopt;
    line.remove_prefix(origin.size());
    if (line.ends_with(idle_line_end) || line.starts_with(ready_line))
        return RunMode::idle;
    for (const RunMode mode : {RunMode::idle, RunMode::autonomous, RunMode::teleop}) {
        const std::string_view name = name_of(mode);
        if (line.starts_with(name) && line.substr(name.size()).starts_with(set_by))
            return mode;
    }
    return std::nullopt;
}

bool says_mode_refused(std::string_view line) noexcept {
    return line.starts_with(origin) && line.substr(origin.size()).starts_with(warning) &&
           line.substr(origin.size() + warning.size()).starts_with(mode_refused_line);
}

}  // namespace runtime::net
