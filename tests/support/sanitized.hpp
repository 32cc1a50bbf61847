#pragma once

namespace runtime::test {

/// Whether this is a build of the presets asan or tsan, in which everything takes many times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace runtime::test
