#pragma once
#include <atomic>
#include <cstdint>
#include <span>

#include "shm_wrapper/clock.hpp"

namespace runtime::futex {

/// A word to wait for, and the value that the waiter has already seen.
struct Wait {
    const std::atomic<std::uint32_t>* word;
    std::uint32_t seen;
};

/// The most words that wait_any takes (the kernel's FUTEX_WAITV_MAX).
inline constexpr std::size_t max_waits = 128;

/// Wakes every waiter of `word`, in any process. A system call also when nobody waits.
void wake(const std::atomic<std::uint32_t>& word) noexcept;

/// Blocks until one of the words differs from the value seen, a spurious wake-up, or `deadline` (a time of
/// runtime::now(); 0: none). True if a word differs on return. Works on read-only mappings and across
/// processes. Never misses a change: a word that moved before the call returns at once.
bool wait_any(std::span<const Wait> waits, Nanoseconds deadline = 0) noexcept;

/// wait_any for one word.
bool wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen, Nanoseconds deadline = 0) noexcept;

/// Whether this kernel has futex_waitv (Linux 5.16).
bool supported() noexcept;

}  // namespace runtime::futex
