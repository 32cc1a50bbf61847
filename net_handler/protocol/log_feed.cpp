#include "net_handler/protocol/log_feed.hpp"

#include <limits>
#include <utility>

#include "net_handler/protocol/mode_line.hpp"
#include "net_handler/protocol/packet.hpp"
#include "net_handler/protocol/wire_writer.hpp"
#include "shm_wrapper/process/logging.hpp"

namespace runtime::net {
namespace {

constexpr std::uint32_t text_payload = 1;  // field number of proto/text.proto
constexpr std::size_t field_overhead = 1 + 3;

/// Whether a line of student code or of a device begins as those of a daemon do: clients take these for true.
bool poses_as_daemon(std::string_view text) {
    return text.starts_with("[net_handler] ") || text.starts_with("[executor] ") ||
           text.starts_with("[dev_handler] ");
}

std::string lost_note(std::uint64_t count) {
    return "… " + std::to_string(count) + (count == 1 ? " line lost" : " lines lost");
}

}  // namespace

std::string shown_line(std::string_view process, const LogLine& line) {
    std::string result;
    if (line.source == LogSource::daemon) {
        result.append("[").append(process).append("] ");
        if (line.level == LogLevel::warning)
            result += "WARNING: ";
        if (line.level == LogLevel::error)
            result += "ERROR: ";
    } else if (poses_as_daemon(line.text)) {
        result += ' ';
    }
    return result += printable(line.text);
}

LogFeed::LogFeed(std::vector<LogMerge::Source> sources) : logs_(std::move(sources)) {}

void LogFeed::tell(Topic topic, Nanoseconds time, LogLevel level, std::string_view text) {
    LogLine line;
    line.level = level;
    line.text = text;
    told_[static_cast<std::size_t>(topic)] = Told{time, shown_line("net_handler", line)};
}

std::size_t LogFeed::told_size() const {
    std::size_t size = 0;
    for (const auto& told : told_)
        size += told ? field_overhead + told->line.size() : 0;
    return size;
}

bool LogFeed::pull_told(Nanoseconds before) {
    for (auto& told : told_)
        if (told && told->time <= before) {
            lines_.push_back({std::move(std::exchange(told, std::nullopt)->line), 0});
            return true;
        }
    return false;
}

void LogFeed::show(const std::string& process, const LogLine& line) {
    if (line.lost_before > 0)
        lines_.push_back({lost_note(line.lost_before), line.lost_before});
    if (line.level < LogLevel::info)
        return;
    std::string text = shown_line(process, line);
    // What is told comes without the log; of the past, the modes are of interest.
    if (says_mode_refused(text) || (!past_ && mode_in(text)))
        return;
    lines_.push_back({std::move(text), 1});
}

bool LogFeed::pull() {
    if (pull_told(logs_.time_of_next().value_or(std::numeric_limits<Nanoseconds>::max())))
        return true;
    const auto next = logs_.next();
    if (!next)
        return false;
    show(next->process, next->line);
    return true;
}

void LogFeed::start() {
    told_ = {};
    past_ = true;
    // A writer may write faster than this reads: what the rings can hold is enough.
    const std::size_t most = logs_.sources() * LogBlock::capacity;
    std::uint64_t dropped = 0;
    for (std::size_t i = 0; i < most && pull(); ++i) {
        while (lines_.size() > max_backlog_lines) {
            dropped += lines_.front().count;
            lines_.pop_front();
        }
    }
    lost(dropped);
    past_ = false;
}

void LogFeed::lost(std::uint64_t count) {
    if (count > 0)
        lines_.push_front({lost_note(count), count});
}

TextPacket LogFeed::write_packet(std::span<std::uint8_t, max_text_packet> out) {
    WireWriter writer(out.subspan<header_size>());
    TextPacket packet{0, 0, true};
    // Bounded: a writer may write faster than this reads, and lines below the shown level fill no packet.
    for (std::size_t pulled = 0; pulled < LogBlock::capacity; ++pulled) {
        if (lines_.empty() && !pull()) {
            packet.more = false;
            break;
        }
        if (lines_.empty())
            continue;
        const Line& line = lines_.front();
        if (header_size + writer.size() + field_overhead + line.text.size() + told_size() > out.size())
            break;
        writer.string_field(text_payload, line.text);
        packet.lines += line.count;
        lines_.pop_front();
    }
    for (auto& told : told_)
        if (told)
            writer.string_field(text_payload, std::exchange(told, std::nullopt)->line);
    if (writer.size() > 0) {
        write_header(out.first<header_size>(), PacketType::log, writer.size());
        packet.size = header_size + writer.size();
    }
    return packet;
}

}  // namespace runtime::net
