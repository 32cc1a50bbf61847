#pragma once
#include <chrono>
#include <cstdint>

#include "shm_wrapper/clock.hpp"

namespace runtime::net {

/// Milliseconds since 1970, as TimeStamps carry them.
inline std::uint64_t wall_clock_ms() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

/// A time of CLOCK_MONOTONIC as Asio's timers take it.
inline std::chrono::steady_clock::time_point time_point(Nanoseconds time) {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(time));
}

}  // namespace runtime::net
