#include "shm_wrapper/futex.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <ctime>

namespace runtime::futex {
namespace {

// Debian 12's libc headers may lack the number; it is the same on every architecture.
constexpr long futex_waitv_number = 449;

std::uint64_t address_of(const std::atomic<std::uint32_t>& word) {
    static_assert(sizeof(std::atomic<std::uint32_t>) == 4 && std::atomic<std::uint32_t>::is_always_lock_free);
    return reinterpret_cast<std::uint64_t>(&word);
}

}  // namespace

void wake(const std::atomic<std::uint32_t>& word) noexcept {
    syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

bool wait_any(std::span<const Wait> waits, Nanoseconds deadline) noexcept {
    std::array<futex_waitv, max_waits> vector{};
    const std::size_t count = std::min(waits.size(), max_waits);
    for (std::size_t i = 0; i < count; ++i) {
        vector[i].val = waits[i].seen;
        vector[i].uaddr = address_of(*waits[i].word);
        vector[i].flags = FUTEX_32;
    }
    timespec until{};
    until.tv_sec = deadline / second;
    until.tv_nsec = deadline % second;
    syscall(futex_waitv_number, vector.data(), count, 0, deadline == 0 ? nullptr : &until, CLOCK_MONOTONIC);
    return std::any_of(waits.begin(), waits.end(),
                       [](const Wait& w) { return w.word->load(std::memory_order_acquire) != w.seen; });
}

bool wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen, Nanoseconds deadline) noexcept {
    const Wait one{&word, seen};
    return wait_any({&one, 1}, deadline);
}

bool supported() noexcept {
    return syscall(futex_waitv_number, nullptr, 0, 0, nullptr, 0) == -1 && errno != ENOSYS;
}

}  // namespace runtime::futex
