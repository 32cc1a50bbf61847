#pragma once
#include "shm_wrapper/log_ring.hpp"

namespace runtime::overview {

/// Which lines are wanted.
struct LogFilter {
    LogLevel level = LogLevel::debug;  ///< this one and graver
    Nanoseconds since = 0;             ///< from this time on

    bool wants(const LogLine& line) const noexcept { return line.level >= level && line.time >= since; }
};

}  // namespace runtime::overview
