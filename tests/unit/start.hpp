#pragma once
#include "shm_wrapper/clock.hpp"

namespace runtime::test {

/// When the clock of a unit test begins: far from 0, which often stands for "never".
inline constexpr Nanoseconds start = 1000 * second;

}  // namespace runtime::test
