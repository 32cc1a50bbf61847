#pragma once
/// The log of one process, readable by all others and after a crash: a ring of records in a block of its own.
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/cell.hpp"

namespace runtime {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// Whose words a line is.
enum class LogSource : std::uint8_t { daemon, student, device };

/// A line, or a part of a long one.
struct LogRecord {
    static constexpr std::size_t text_size = 224;
    std::uint64_t line_number;  ///< counts the lines of this ring, over all lives of its process
    Nanoseconds time;
    std::int64_t wall_time;  ///< nanoseconds since the Unix epoch, for people
    LogLevel level;
    LogSource source;
    bool first;            ///< the line begins here
    bool last;             ///< the line ends here
    std::uint32_t length;  ///< bytes of `text` in use
    std::array<char, text_size> text;
};
static_assert(sizeof(LogRecord) % 8 == 0);

struct LogBlock {
    static constexpr std::uint32_t layout_version = 2;
    static constexpr std::size_t capacity = 2048;  ///< records; a power of two
    struct Slot {
        /// 2 * index + 1 while record `index` is written, 2 * index + 2 when it is whole.
        std::atomic<std::uint64_t> stamp;
        std::array<std::atomic<std::uint64_t>, sizeof(LogRecord) / 8> words;
    };
    BlockHeader header;
    /// Advances after each line. Awaited by net_handler.
    Signal changed;
    /// The index of the record to be written next.
    alignas(64) std::atomic<std::uint64_t> next;
    std::array<Slot, capacity> slots;
};

/// The processes that have a log, and so the blocks "log-dev_handler", …
inline constexpr std::array<std::string_view, 3> logging_processes{"dev_handler", "executor", "net_handler"};
std::string log_block_name(std::string_view process);

/// The longest line that a log keeps, in bytes. What is longer is cut, and says so.
inline constexpr std::size_t max_log_line = 4096;

/// Writes lines into the process's own ring. Not thread-safe: the caller serializes (spdlog's sink does).
class LogWriter {
  public:
    /// Throws BlockError.
    LogWriter(std::string_view instance, std::string_view process);
    /// Appends one line (no newline in it). Never blocks, never fails.
    void append(LogLevel level, LogSource source, std::string_view line) noexcept;
    BlockWriter<LogBlock>& block() noexcept { return block_; }

  private:
    void append_record(const LogRecord& record) noexcept;
    BlockWriter<LogBlock> block_;
    std::uint64_t next_line_number_ = 0;
};

struct LogLine {
    Nanoseconds time = 0;
    std::int64_t wall_time = 0;
    LogLevel level = LogLevel::info;
    LogSource source = LogSource::daemon;
    /// Lines lost before this one: the writer was a whole ring ahead, or died in the middle of a line.
    std::uint64_t lost_before = 0;
    std::string text;
};

/// Reads the lines of one process in order.
class LogReader {
  public:
    enum class From { oldest, newest };
    /// Throws BlockError. From::newest: only what comes from now on.
    LogReader(std::string_view instance, std::string_view process, From from);
    /// The next line, or nothing if there is none yet.
    std::optional<LogLine> next();
    /// The word to wait for: read it before a next() that says nothing, wait for it to move.
    const std::atomic<std::uint32_t>& word() const noexcept { return block_->changed.word(); }

  private:
    std::uint64_t oldest_index() const noexcept;

    BlockReader<LogBlock> block_;
    std::uint64_t index_ = 0;
    std::optional<std::uint64_t> next_line_number_;
};

}  // namespace runtime
