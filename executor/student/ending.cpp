#include "executor/student/ending.hpp"

#include <cerrno>
#include <csignal>

#include "shm_wrapper/futex.hpp"

namespace runtime::student {
namespace {

std::atomic<std::uint32_t> ending_word{0};
std::atomic<Ending::Interrupt> interrupt_interpreter{nullptr};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

void on_signal(int number) {
    const int saved = errno;
    ending_word.store(1, std::memory_order_release);
    futex::wake(ending_word);
    if (const auto interrupt = interrupt_interpreter.load(std::memory_order_relaxed); interrupt != nullptr)
        interrupt(number);
    errno = saved;
}

}  // namespace

int Ending::signal_number() noexcept {
    return SIGTERM;
}

void Ending::install(Interrupt interrupt) noexcept {
    interrupt_interpreter.store(interrupt, std::memory_order_relaxed);
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = 0;  // no SA_RESTART: what waits in a system call is to wake up
    sigaction(signal_number(), &action, nullptr);
}

std::atomic<std::uint32_t>& Ending::word() noexcept {
    return ending_word;
}

}  // namespace runtime::student
