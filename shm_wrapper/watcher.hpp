#pragma once
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "shm_wrapper/cell.hpp"
#include "shm_wrapper/clock.hpp"

namespace runtime {

/// Turns futex wakes into events of a loop: one thread waits for any of the words to change, and makes a
/// descriptor readable that the loop waits for. The words must outlive the watcher. Student code writes some
/// of them and can send wakes for all, so the thread has a pace: what raises a word, or wakes its waiters,
/// without end does not keep the thread and the loop busy.
class Watcher {
  public:
    /// Events follow each other at once up to `event_burst`, and beyond that, come what may, at this
    /// interval.
    static constexpr Nanoseconds event_interval = 250'000;
    static constexpr std::uint32_t event_burst = 16;

    /// `words`: at most 127. `waiting`: the word of that name in the header of the block that this process
    /// writes, set while the thread waits; null if all words belong to cells that are always woken.
    /// Throws std::system_error.
    explicit Watcher(std::vector<const std::atomic<std::uint32_t>*> words,
                     std::atomic<std::uint32_t>* waiting = nullptr);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    /// An eventfd, non-blocking: readable after a change of any word. Stays the watcher's.
    int descriptor() const noexcept { return event_; }
    /// Takes the event back: call it first, then look at the cells. Changes that come later make it readable
    /// again.
    void acknowledge() const noexcept;

  private:
    void watch();

    std::vector<const std::atomic<std::uint32_t>*> words_;
    std::atomic<std::uint32_t>* waiting_;
    std::atomic<std::uint32_t> stop_{0};
    int event_;
    std::thread thread_;
};

}  // namespace runtime
