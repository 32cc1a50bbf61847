#pragma once
#include <chrono>
#include <cstdint>

namespace runtime {

/// A time or a span in nanoseconds of CLOCK_MONOTONIC: the only clock inside the robot. All processes of a
/// machine share it; it never jumps. Zero never occurs as a time and means "never".
using Nanoseconds = std::int64_t;

inline constexpr Nanoseconds microsecond = 1'000;
inline constexpr Nanoseconds millisecond = 1'000'000;
inline constexpr Nanoseconds second = 1'000'000'000;

/// The present time. Any thread; a vDSO call, no system call.
inline Nanoseconds now() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace runtime
