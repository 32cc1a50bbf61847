#include "shm_wrapper/runtime/text.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>

#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/terminal/row.hpp"

namespace runtime::overview {
namespace {

std::string_view style_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return style::faint;
        case LogLevel::info:
            return style::green;
        case LogLevel::warning:
            return style::yellow;
        case LogLevel::error:
            break;
    }
    return style::red;
}

}  // namespace

std::string_view name_of(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "unknown";
}

std::string_view speaker_of(const MergedLine& line) noexcept {
    switch (line.line.source) {
        case LogSource::student:
            return "student";
        case LogSource::device:
            return "device";
        case LogSource::daemon:
            break;
    }
    return line.process;
}

std::string span_text(Nanoseconds span) {
    const Nanoseconds seconds = span / second;
    const auto pair = [](Nanoseconds value, const char* unit, Nanoseconds rest, const char* rest_unit) {
        return fmt::format("{} {} {} {}", value, unit, rest, rest_unit);
    };
    if (span < second)
        return fmt::format("{} ms", span / millisecond);
    if (seconds < 60)
        return fmt::format("{}.{} s", seconds, span / (second / 10) % 10);
    if (seconds < 3600)
        return pair(seconds / 60, "min", seconds % 60, "s");
    constexpr Nanoseconds day = 86400;
    if (seconds < day)
        return pair(seconds / 3600, "h", seconds / 60 % 60, "min");
    return pair(seconds / day, "d", seconds / 3600 % 24, "h");
}

std::string value_text(const Parameter& parameter) {
    switch (parameter.kind) {
        case ParameterKind::integer:
            return std::to_string(parameter.value.integer());
        case ParameterKind::boolean:
            return parameter.value.boolean() ? "true" : "false";
        case ParameterKind::floating:
            break;
    }
    return number_text(parameter.value.floating());
}

std::string bytes_text(std::uint64_t bytes) {
    const auto amount = static_cast<double>(bytes);
    constexpr std::uint64_t mebibyte = 1048576;
    if (bytes < 1024)
        return std::to_string(bytes) + " B";
    if (bytes < mebibyte)
        return fmt::format("{:.1f} KiB", amount / 1024);
    return fmt::format("{:.1f} MiB", amount / mebibyte);
}

std::string time_text(std::int64_t wall_time, bool with_date) {
    std::int64_t milliseconds = wall_time / millisecond;
    if (wall_time < 0)
        milliseconds = 0;
    const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
    std::tm local{};
    localtime_r(&seconds, &local);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), with_date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &local);
    return text.data() + fmt::format(".{:03}", milliseconds % 1000);
}

std::string log_line_text(const MergedLine& line, bool coloured) {
    std::string text;
    if (line.line.lost_before != 0)
        text = "… " + std::to_string(line.line.lost_before) + " lines of " + line.process + " lost\n";
    text += time_text(line.line.wall_time, true) + ' ';
    const std::string level(name_of(line.line.level));
    const std::string gap(7 - level.size(), ' ');
    if (coloured)
        text.append(style_of(line.line.level)).append(level).append(style::plain);
    else
        text += level;
    text.append(gap).append(" [").append(speaker_of(line)).append("] ");
    return text + printable(line.line.text) + '\n';
}

std::string plain_text(const std::vector<ReportLine>& report) {
    std::string text;
    for (const auto& line : report)
        text += line.text + '\n';
    return text;
}

}  // namespace runtime::overview
