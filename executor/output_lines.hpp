#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "executor/token_bucket.hpp"
#include "shm_wrapper/clock.hpp"
#include "shm_wrapper/log_ring.hpp"

namespace runtime::executor {

/// Cuts the output of a program into lines, and bounds how many reach the log: what is over the budget is
/// dropped and counted, and the count stands in the place of what is missing. Pure: time comes in.
class OutputLines {
  public:
    /// Lines a second in the long run, and how many may come at once. A driver station shows some hundred a
    /// second at most, and the log ring holds 2048.
    static constexpr int lines_per_second = 500;
    static constexpr int burst = 1000;
    /// Once it drops, it drops until this many lines may be shown together: not a count after every line.
    static constexpr int resume_at = 50;
    /// Bytes of a line that are kept: one more than the log keeps, which then says that it cut.
    static constexpr std::size_t max_line = max_log_line + 1;
    /// Output without an end of line is shown when nothing has followed for this long.
    static constexpr Nanoseconds patience = 100 * millisecond;

    using Sink = std::function<void(std::string_view line)>;
    explicit OutputLines(Sink sink) : sink_(std::move(sink)) {}

    void feed(std::string_view bytes, Nanoseconds time);
    /// Shows what has waited for an end of line, or for budget, long enough.
    void time_passed(Nanoseconds time);
    /// Whether something waits for time_passed.
    bool waiting() const noexcept { return unfinished_ || dropped_ != 0; }
    /// Shows all that is left: an unfinished line, and the count of what was dropped.
    void finish();

  private:
    void keep(std::string_view part);
    void end_line(bool at_any_rate);
    void report_dropped();

    Sink sink_;
    std::string line_;
    bool unfinished_ = false;
    Nanoseconds last_byte_ = 0;
    TokenBucket budget_{lines_per_second, burst};
    std::uint64_t dropped_ = 0;
};

}  // namespace runtime::executor
