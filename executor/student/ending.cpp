#include "executor/student/ending.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>

#include "shm_wrapper/futex.hpp"

namespace runtime::student {
namespace {

std::atomic<std::uint32_t> ending_word{0};
std::atomic<Ending::Interrupt> interrupt_interpreter{nullptr};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

constexpr long repeat_nanoseconds = 10'000'000;
timer_t repeat_timer{};
std::atomic<bool> can_repeat{false};

void on_signal(int number, siginfo_t* info, void*) {
    // All that a repetition is for has happened: the system call that the signal met has ended.
    if (info->si_code == SI_TIMER)
        return;
    const int saved = errno;
    ending_word.store(1, std::memory_order_release);
    futex::wake(ending_word);
    if (const auto interrupt = interrupt_interpreter.load(std::memory_order_relaxed); interrupt != nullptr)
        interrupt(number);
    if (can_repeat.load(std::memory_order_relaxed)) {
        const itimerspec period{{0, repeat_nanoseconds}, {0, repeat_nanoseconds}};
        timer_settime(repeat_timer, 0, &period, nullptr);
    }
    errno = saved;
}

void create_repeat_timer(int number) {
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = number;
    can_repeat.store(timer_create(CLOCK_MONOTONIC, &event, &repeat_timer) == 0, std::memory_order_relaxed);
}

}  // namespace

int Ending::signal_number() noexcept {
    return SIGTERM;
}

void Ending::install(Interrupt interrupt) noexcept {
    interrupt_interpreter.store(interrupt, std::memory_order_relaxed);
    if (!can_repeat.load(std::memory_order_relaxed))
        create_repeat_timer(signal_number());
    struct sigaction action {};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO;  // no SA_RESTART: what waits in a system call is to wake up
    sigaction(signal_number(), &action, nullptr);
}

std::atomic<std::uint32_t>& Ending::word() noexcept {
    return ending_word;
}

}  // namespace runtime::student
