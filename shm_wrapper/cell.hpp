#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "shm_wrapper/futex.hpp"

namespace runtime {

/// A value that one process writes and any number of processes read, without locks: a two-slot sequence lock.
///
/// The writer fills the slot that is not current and publishes it by advancing the sequence; a reader copies
/// the current slot and checks that the sequence has not moved. A writer that is killed at any instruction
/// leaves the last published value whole, and the next writer carries on from there. The memory ordering is
/// explained in shm_wrapper/README.md.
///
/// One writer thread at a time; any number of reader threads and processes. All zero bytes (a new block) are
/// a valid cell that holds a T of zero bytes. T: trivially copyable, a multiple of 8 bytes, no padding that
/// matters. `attempts`: how often read() tries.
template <class T, int attempts = 100'000>
class alignas(64) Cell {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0);
    static constexpr std::size_t words = sizeof(T) / 8;

  public:
    /// Writer only. Never blocks, never fails, makes no system call.
    void publish(const T& value) noexcept {
        const std::uint32_t next = sequence_.load(std::memory_order_relaxed) + 1;
        std::array<std::uint64_t, words> raw;
        std::memcpy(raw.data(), &value, sizeof(T));
        // Orders the publication before this one before the stores below (pairs with the fence in try_read).
        std::atomic_thread_fence(std::memory_order_release);
        auto& slot = slots_[next & 1];
        for (std::size_t i = 0; i < words; ++i)
            slot[i].store(raw[i], std::memory_order_relaxed);
        sequence_.store(next, std::memory_order_release);
    }

    /// Wakes whoever waits for sequence_word(). A system call, so only for cells that somebody waits for.
    void wake() const noexcept { futex::wake(sequence_); }

    void publish_and_wake(const T& value) noexcept {
        publish(value);
        wake();
    }

    /// One attempt to copy the current value. False, with `value` unspecified, if the writer published
    /// meanwhile. `sequence`, where given, receives the number of the publication that was copied.
    bool try_read(T& value, std::uint32_t* sequence = nullptr) const noexcept {
        const std::uint32_t before = sequence_.load(std::memory_order_acquire);
        std::array<std::uint64_t, words> raw;
        const auto& slot = slots_[before & 1];
        for (std::size_t i = 0; i < words; ++i)
            raw[i] = slot[i].load(std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (sequence_.load(std::memory_order_relaxed) != before)
            return false;
        std::memcpy(&value, raw.data(), sizeof(T));
        if (sequence != nullptr)
            *sequence = before;
        return true;
    }

    /// Copies the current value. False, with `value` untouched, only if the writer outran the reader
    /// `max_attempts` times in a row: an honest writer does not, a hostile one must not hang its readers.
    bool read(T& value, std::uint32_t* sequence = nullptr) const noexcept {
        for (int attempt = 0; attempt < max_attempts; ++attempt)
            if (try_read(value, sequence))
                return true;
        return false;
    }

    /// The current value, or a T of zero bytes where read() would say false.
    T read() const noexcept {
        T value{};
        read(value);
        return value;
    }

    /// The number of publications so far, modulo 2^32.
    std::uint32_t sequence() const noexcept { return sequence_.load(std::memory_order_acquire); }

    /// The futex word: wait for it to differ from the sequence last seen.
    const std::atomic<std::uint32_t>& sequence_word() const noexcept { return sequence_; }

    static constexpr int max_attempts = attempts;

  private:
    std::atomic<std::uint32_t> sequence_;
    std::array<std::array<std::atomic<std::uint64_t>, words>, 2> slots_;
};

/// Says that something in a block has changed, for blocks with more cells than a reader can wait for. The
/// writer publishes any number of cells, then calls notify() once.
class Signal {
  public:
    /// Writer only. Advances the count and wakes the waiters, but makes the system call only if `waiting`
    /// (the word of that name in the header of the block of the one process that may wait) says that there is
    /// one.
    void notify(const std::atomic<std::uint32_t>& waiting) noexcept {
        advance();
        // Sequentially consistent against WaitingMark: either the waiter sees the count, or we see its mark.
        if (waiting.load(std::memory_order_seq_cst) != 0)
            futex::wake(count_);
    }

    /// Writer only. Advances the count and wakes the waiters, always with a system call.
    void notify() noexcept {
        advance();
        futex::wake(count_);
    }

    std::uint32_t count() const noexcept { return count_.load(std::memory_order_acquire); }
    const std::atomic<std::uint32_t>& word() const noexcept { return count_; }

  private:
    void advance() noexcept { count_.fetch_add(1, std::memory_order_seq_cst); }

    std::atomic<std::uint32_t> count_;
};

/// While it lives, the `waiting` word of the process's own block is set: signals of other processes then make
/// the system call that wakes us. Set it before the last look at the words to wait for.
class WaitingMark {
  public:
    explicit WaitingMark(std::atomic<std::uint32_t>& waiting) noexcept : waiting_(waiting) {
        waiting_.fetch_add(1, std::memory_order_seq_cst);
    }
    ~WaitingMark() { waiting_.fetch_sub(1, std::memory_order_seq_cst); }
    WaitingMark(const WaitingMark&) = delete;
    WaitingMark& operator=(const WaitingMark&) = delete;

  private:
    std::atomic<std::uint32_t>& waiting_;
};

}  // namespace runtime
