#pragma once
#include <csignal>
#include <thread>
#include <utility>

namespace runtime::dev_handler {

/// Runs `work` in a thread that ends with it, for what may wait in the kernel for seconds whatever flags it
/// was given. Signals are not for that thread. False, with nothing done, if there is no thread to be had.
template <class Work>
bool in_passing_thread(Work&& work) noexcept {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool begun = true;
    try {
        std::thread(std::forward<Work>(work)).detach();
    } catch (...) {
        begun = false;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return begun;
}

}  // namespace runtime::dev_handler
