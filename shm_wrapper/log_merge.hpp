#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "shm_wrapper/log_ring.hpp"

namespace runtime {

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

    std::size_t sources() const noexcept { return heads_.size(); }
    /// When the line was written that next() would give.
    std::optional<Nanoseconds> time_of_next();
    /// The oldest line that is there; nothing if there is none yet.
    std::optional<MergedLine> next();

  private:
    struct Head {
        Source source;
        std::optional<LogLine> line;
    };
    Head* oldest();

    std::vector<Head> heads_;
};

}  // namespace runtime
