#include "shm_wrapper/log_ring.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace runtime {
namespace {

constexpr std::string_view cut_mark = " … (cut)";
/// How many records behind the writer's next one a reader that fell behind continues, so that it is not at
/// once overtaken again.
constexpr std::uint64_t catch_up = LogBlock::capacity - LogBlock::capacity / 8;

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
    : block_(instance, log_block_name(process)) {}

void LogWriter::append(LogLevel level, LogSource source, std::string_view line) noexcept {
    LogRecord record{};
    record.time = now();
    record.wall_time = wall_clock();
    record.level = level;
    record.source = source;
    const bool cut = line.size() > max_log_line;
    if (cut)
        line = line.substr(0, max_log_line - cut_mark.size());
    std::string_view rest = line;
    const auto put_part = [&](bool last) {
        const std::string_view part = rest.substr(0, LogRecord::text_size);
        std::memcpy(record.text.data(), part.data(), part.size());
        record.length = static_cast<std::uint32_t>(part.size());
        rest.remove_prefix(part.size());
        record.continued = !last || !rest.empty();
        append_record(record);
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
    std::array<std::uint64_t, sizeof(LogRecord) / 8> raw;
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
    index_ = from == From::newest || next < LogBlock::capacity ? (from == From::newest ? next : 0)
                                                               : next - LogBlock::capacity;
}

LogReader::Outcome LogReader::read_record(std::uint64_t index, LogRecord& record) const noexcept {
    if (index >= block_->next.load(std::memory_order_acquire))
        return Outcome::none;
    const auto& slot = block_->slots[index % LogBlock::capacity];
    const std::uint64_t whole = 2 * index + 2;
    if (slot.stamp.load(std::memory_order_acquire) != whole)
        return Outcome::overwritten;
    std::array<std::uint64_t, sizeof(LogRecord) / 8> raw;
    for (std::size_t i = 0; i < raw.size(); ++i)
        raw[i] = slot.words[i].load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (slot.stamp.load(std::memory_order_relaxed) != whole)
        return Outcome::overwritten;
    std::memcpy(&record, raw.data(), sizeof record);
    record.length = std::min<std::uint32_t>(record.length, LogRecord::text_size);
    return Outcome::ok;
}

void LogReader::skip_to_oldest() {
    const std::uint64_t next = block_->next.load(std::memory_order_acquire);
    const std::uint64_t target = next - std::min(next, catch_up);
    lost_ += target > index_ ? target - index_ : 1;
    index_ = std::max(target, index_ + 1);
}

std::optional<LogLine> LogReader::next() {
    LogRecord record;
    LogLine line;
    std::uint64_t index = index_;
    while (true) {
        const Outcome outcome = read_record(index, record);
        if (outcome == Outcome::none)
            return std::nullopt;  // also in the middle of a line: its writer is about to finish it
        if (outcome == Outcome::overwritten) {
            skip_to_oldest();
            index = index_;
            line.text.clear();
            continue;
        }
        if (index == index_) {
            line.time = record.time;
            line.wall_time = record.wall_time;
            line.level = record.level;
            line.source = record.source;
        }
        if (line.text.size() < max_log_line + LogRecord::text_size)
            line.text.append(record.text.data(), record.length);
        ++index;
        if (!record.continued)
            break;
    }
    index_ = index;
    line.lost_before = std::exchange(lost_, 0);
    return line;
}

}  // namespace runtime
