#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "shm_wrapper/log_ring.hpp"

namespace runtime::overview {

struct MergedLine {
    std::string process;  ///< whose ring it stood in
    LogLine line;
};

/// The lines of several logs as one, in the order of their times. No I/O. Of logs that go on, a line that
/// comes later than a younger one of another log was given out stands behind that.
class LogMerge {
  public:
    struct Source {
        std::string process;
        std::function<std::optional<LogLine>()> next;
    };
    explicit LogMerge(std::vector<Source> sources);

    /// The oldest line that is there; nothing if there is none yet.
    std::optional<MergedLine> next();

  private:
    struct Head {
        Source source;
        std::optional<LogLine> line;
    };
    std::vector<Head> heads_;
};

/// Which lines are wanted.
struct LogFilter {
    LogLevel level = LogLevel::debug;  ///< this one and graver
    Nanoseconds since = 0;             ///< from this time on

    bool wants(const LogLine& line) const noexcept { return line.level >= level && line.time >= since; }
};

}  // namespace runtime::overview
