#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shm_wrapper/log_merge.hpp"

namespace runtime::net {

/// What a driver station that has just connected is told of the past, in lines.
inline constexpr std::size_t max_backlog_lines = 500;
/// The longest Text packet. Above the longest line as it is sent: 4 KiB and a prefix, each byte replaced by
/// the three of U+FFFD.
inline constexpr std::size_t max_text_packet = 16384;

/// What LogFeed::write_packet has written.
struct TextPacket {
    std::size_t size;     ///< 0: there was nothing to write
    std::uint64_t lines;  ///< of the logs, those that it only counts as lost included
    bool more;            ///< it could not look at all that is there: another one may be written at once
};

/// A line as the driver station shows it: what student code and devices say as it is, what a daemon says with
/// its name, and with WARNING or ERROR. A line of the former that begins like one of the latter is set off by
/// a space. Always valid UTF-8.
std::string shown_line(std::string_view process, const LogLine& line);

/// The lines of several processes as one stream in the order of their times, made into Text packets. Lines
/// that were lost are counted in their place. What is not asked for stays in the rings, which keep the
/// newest, so nothing here grows.
///
/// What a driver station must learn is told: whatever the log level, whatever is lost, and ahead of lines
/// that wait for their turn.
class LogFeed {
  public:
    enum class Topic : std::uint8_t { mode, mode_refused };

    explicit LogFeed(std::vector<LogMerge::Source> sources);

    /// A driver station has connected: of what is there now, only the newest max_backlog_lines are kept, and
    /// nothing is told yet.
    void start();
    /// Tells this line of net_handler's. One of the same topic that has not gone out yet is replaced. The
    /// same line in net_handler's log is not shown a second time.
    void tell(Topic topic, Nanoseconds time, LogLevel level, std::string_view text);
    /// So many of the lines that were written last have not arrived: that is noted where they stood.
    void lost(std::uint64_t count);
    /// Writes a Text packet of the next lines.
    TextPacket write_packet(std::span<std::uint8_t, max_text_packet> out);

  private:
    struct Line {
        std::string text;
        std::uint64_t count;  // of lines that it stands for: a note for many, what is told for none
    };
    struct Told {
        Nanoseconds time;
        std::string line;
    };
    /// Puts the next lines to show into `lines_`: none, one, or a note about lost ones and one. False:
    /// nothing is there.
    bool pull();
    bool pull_told(Nanoseconds before);
    void show(const std::string& process, const LogLine& line);
    std::size_t told_size() const;

    LogMerge logs_;
    std::deque<Line> lines_;
    std::array<std::optional<Told>, 2> told_;  // by Topic
    bool past_ = false;                        // start() is at work
};

}  // namespace runtime::net
