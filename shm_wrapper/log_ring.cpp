#include "shm_wrapper/log_ring.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace runtime {
namespace {

constexpr std::string_view cut_mark = " … (cut)";
/// How many records behind the writer a reader that fell behind continues, so that it is not at once
/// overtaken again.
constexpr std::uint64_t catch_up = LogBlock::capacity - LogBlock::capacity / 8;

using LogWords = std::array<std::uint64_t, sizeof(LogRecord) / 8>;

enum class Outcome { ok, none, overwritten };

Outcome read_record(const LogBlock& block, std::uint64_t index, LogRecord& record) noexcept {
    if (index >= block.next.load(std::memory_order_acquire))
        return Outcome::none;
    const auto& slot = block.slots[index % LogBlock::capacity];
    const std::uint64_t whole = 2 * index + 2;
    if (slot.stamp.load(std::memory_order_acquire) != whole)
        return Outcome::overwritten;
    LogWords raw;
    for (std::size_t i = 0; i < raw.size(); ++i)
        raw[i] = slot.words[i].load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (slot.stamp.load(std::memory_order_relaxed) != whole)
        return Outcome::overwritten;
    std::memcpy(&record, raw.data(), sizeof record);
    record.length = std::min<std::uint32_t>(record.length, LogRecord::text_size);
    return Outcome::ok;
}

/// The number of the line that begins at record `next`.
std::uint64_t line_number_after(const LogBlock& block, std::uint64_t next) noexcept {
    LogRecord newest{};
    const bool known = next > 0 && read_record(block, next - 1, newest) == Outcome::ok;
    return known ? newest.line_number + 1 : 0;
}

std::int64_t wall_clock() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

std::string log_block_name(std::string_view process) {
    return "log-" + std::string(process);
}

LogWriter::LogWriter(std::string_view instance, std::string_view process)
    : block_(instance, log_block_name(process)) {
    next_line_number_ = line_number_after(*block_, block_->next.load(std::memory_order_acquire));
}

void LogWriter::append(LogLevel level, LogSource source, std::string_view line) noexcept {
    LogRecord record{};
    record.line_number = next_line_number_++;
    record.time = now();
    record.wall_time = wall_clock();
    record.level = level;
    record.source = source;
    record.first = true;
    const bool cut = line.size() > max_log_line;
    std::string_view rest = cut ? line.substr(0, max_log_line - cut_mark.size()) : line;
    const auto put_part = [&](bool ends) {
        const std::string_view part = rest.substr(0, LogRecord::text_size);
        std::copy(part.begin(), part.end(), record.text.begin());
        record.length = static_cast<std::uint32_t>(part.size());
        rest.remove_prefix(part.size());
        record.last = ends && rest.empty();
        append_record(record);
        record.first = false;
    };
    do
        put_part(!cut);
    while (!rest.empty());
    if (cut) {
        rest = cut_mark;
        put_part(true);
    }
    block_->changed.notify();
}

void LogWriter::append_record(const LogRecord& record) noexcept {
    const std::uint64_t index = block_->next.load(std::memory_order_relaxed);
    auto& slot = block_->slots[index % LogBlock::capacity];
    LogWords raw;
    std::memcpy(raw.data(), &record, sizeof record);
    slot.stamp.store(2 * index + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (std::size_t i = 0; i < raw.size(); ++i)
        slot.words[i].store(raw[i], std::memory_order_relaxed);
    slot.stamp.store(2 * index + 2, std::memory_order_release);
    block_->next.store(index + 1, std::memory_order_release);
}

LogReader::LogReader(std::string_view instance, std::string_view process, From from)
    : block_(instance, log_block_name(process)) {
    const std::uint64_t next = block_->next.load(std::memory_order_acquire);
    index_ = from == From::newest ? next : next - std::min<std::uint64_t>(next, LogBlock::capacity);
    if (from == From::newest)
        next_line_number_ = line_number_after(*block_, next);
    else if (index_ == 0)
        next_line_number_ = 0;
}

std::uint64_t LogReader::oldest_index() const noexcept {
    const std::uint64_t next = block_->next.load(std::memory_order_acquire);
    return next - std::min(next, catch_up);
}

std::optional<LogLine> LogReader::next() {
    LogLine line;
    std::optional<std::uint64_t> number;  // of the line that is being put together
    for (std::uint64_t index = index_;; ++index) {
        LogRecord record{};
        const Outcome outcome = read_record(*block_, index, record);
        if (outcome == Outcome::none)
            return std::nullopt;  // also in the middle of a line: the next call starts at its beginning again
        if (outcome == Outcome::overwritten) {
            index_ = std::max(oldest_index(), index + 1);
            index = index_ - 1;
            number.reset();
            continue;
        }
        if (record.first) {
            index_ = index;
            number = record.line_number;
            line = {record.time, record.wall_time, record.level, record.source, 0, {}};
        } else if (number != record.line_number) {
            // The rest of a line whose beginning is lost, and with it the line.
            number.reset();
            index_ = index + 1;
            continue;
        }
        if (line.text.size() < max_log_line)
            line.text.append(record.text.data(), record.length);
        if (record.last) {
            line.lost_before = *number - next_line_number_.value_or(*number);
            next_line_number_ = *number + 1;
            index_ = index + 1;
            return line;
        }
    }
}

}  // namespace runtime
