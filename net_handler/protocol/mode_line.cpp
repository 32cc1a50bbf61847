#include "net_handler/protocol/mode_line.hpp"

#include <charconv>

namespace runtime::net {
namespace {

constexpr std::string_view daemon_prefix = "[net_handler] ";
constexpr std::string_view warning_prefix = "[net_handler] WARNING: ";
constexpr std::string_view refused = "the driver station cannot start ";
constexpr std::string_view run = " (run ";

}  // namespace

std::string mode_line(const RobotState& robot, const std::optional<ModeMachine::Origin>& origin) {
    std::string line(name_of(robot.mode));
    if (origin && origin->left)
        line.append(", the ").append(name_of(origin->client)).append(" is gone");
    else if (origin)
        line.append(", set by the ").append(name_of(origin->client));
    return line.append(run).append(std::to_string(robot.run_id)).append(")");
}

std::string mode_refused_line(RunMode mode) {
    return std::string(refused).append(name_of(mode)) +
           " while field control is connected; it can always stop";
}

std::optional<ModeNews> mode_in(std::string_view line) noexcept {
    const auto at = line.rfind(run);
    if (!line.starts_with(daemon_prefix) || at == std::string_view::npos || !line.ends_with(')'))
        return std::nullopt;
    const std::string_view number = line.substr(at + run.size(), line.size() - at - run.size() - 1);
    const std::string_view text = line.substr(daemon_prefix.size(), at - daemon_prefix.size());
    const std::string_view name = text.substr(0, text.find(','));
    for (const RunMode mode : {RunMode::idle, RunMode::autonomous, RunMode::teleop}) {
        ModeNews news{mode, 0};
        if (name != name_of(mode))
            continue;
        const auto parsed = std::from_chars(number.data(), number.data() + number.size(), news.run_id);
        if (parsed.ec == std::errc() && parsed.ptr == number.data() + number.size())
            return news;
    }
    return std::nullopt;
}

bool says_mode_refused(std::string_view line) noexcept {
    return line.starts_with(warning_prefix) && line.substr(warning_prefix.size()).starts_with(refused);
}

}  // namespace runtime::net
