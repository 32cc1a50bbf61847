#include "shm_wrapper/watcher.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "shm_wrapper/clock.hpp"
#include "shm_wrapper/pace.hpp"

namespace runtime {

Watcher::Watcher(std::vector<const std::atomic<std::uint32_t>*> words, std::atomic<std::uint32_t>* waiting)
    : words_(std::move(words)), waiting_(waiting), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (event_ < 0)
        throw std::system_error(errno, std::generic_category(), "cannot create an event descriptor");
    // Signals are for the thread that runs the loop.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        thread_ = std::thread(&Watcher::watch, this);
    } catch (...) {
        close(event_);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_setname_np(thread_.native_handle(), "watcher");
}

Watcher::~Watcher() {
    stop_.store(1, std::memory_order_seq_cst);
    futex::wake(stop_);
    thread_.join();
    close(event_);
}

void Watcher::acknowledge() const noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t result = ::read(event_, &count, sizeof count);
}

void Watcher::watch() {
    std::vector<futex::Wait> waits;
    waits.push_back({&stop_, 0});
    for (const auto* word : words_)
        waits.push_back({word, word->load(std::memory_order_acquire)});
    // What changed before the thread ran counts as a change too: the loop looks once at the start.
    const std::uint64_t one = 1;
    Pace pace(event_interval, event_burst);
    bool changed = true;
    while (true) {
        if (changed) [[maybe_unused]]
            const ssize_t result = write(event_, &one, sizeof one);
        if (waiting_ != nullptr) {
            const WaitingMark mark(*waiting_);
            changed = futex::wait_any(waits);
        } else {
            changed = futex::wait_any(waits);
        }
        // Also after a wake without a change: whoever can read a word can send those without end.
        const Nanoseconds due = pace.next(now());
        while (stop_.load(std::memory_order_acquire) == 0 && now() < due)
            futex::wait(stop_, 0, due);
        if (stop_.load(std::memory_order_acquire) != 0)
            return;
        if (!changed)
            continue;
        for (auto& wait : waits)
            wait.seen = wait.word->load(std::memory_order_acquire);
    }
}

}  // namespace runtime
