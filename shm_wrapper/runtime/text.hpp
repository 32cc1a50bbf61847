#pragma once
/// A robot, and its log, in words. No I/O. All texts are printable UTF-8 without control characters.
#include <string>
#include <string_view>
#include <vector>

#include "shm_wrapper/runtime/snapshot.hpp"

namespace runtime::overview {

/// What a line is about, for its colour.
enum class Tone : std::uint8_t { plain, title, good, warning, bad };

struct ReportLine {
    Tone tone;
    std::string text;
};

/// Everything, in sections: run, clients, student code, daemons, devices, last warnings and errors, blocks.
std::vector<ReportLine> status_report(const Snapshot& snapshot);
/// A line a device.
std::vector<ReportLine> devices_report(const std::vector<Device>& devices, const Moment& moment);
/// The lines, each with a newline, without colours.
std::string plain_text(const std::vector<ReportLine>& report);

/// A line of a log with its newline: date, time, level, process, text. Where lines were lost, a line before
/// it says how many. `coloured`: the level, for a terminal. A tab stays a tab.
std::string log_line_text(const MergedLine& line, bool coloured);

/// "debug" …
std::string_view name_of(LogLevel level) noexcept;
/// Whose words a line is: of student code, of a device, or else the process.
std::string_view speaker_of(const MergedLine& line) noexcept;
/// A span as people read it: "12 ms", "3.2 s", "5 min 7 s", "2 h 3 min", "4 d 5 h".
std::string span_text(Nanoseconds span);
/// A value as people read it, a float with at most four significant digits.
std::string value_text(const Parameter& parameter);
/// An amount of bytes as people read it: "12 B", "3.4 KiB", "5.6 MiB".
std::string bytes_text(std::uint64_t bytes);
/// Local time: "HH:MM:SS.mmm", with the date before it or without.
std::string time_text(std::int64_t wall_time, bool with_date);

}  // namespace runtime::overview
