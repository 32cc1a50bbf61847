#pragma once
#include <atomic>
#include <cstdint>

namespace runtime::student {

/// Whether this process was told to end its mode: a word that its waits wait for, set by a signal handler.
class Ending {
  public:
    /// The signal with which executor ends a mode.
    static int signal_number() noexcept;
    /// Called in the signal handler with the signal's number: has the interpreter run Python's handler for it
    /// in the main thread.
    using Interrupt = void (*)(int);
    /// Installs the handler. It sets the word, wakes whoever waits for it, and calls `interrupt`. From then
    /// on the signal comes again every 10 ms, only to end the system call that the main thread may be in: the
    /// first can come when Python has looked for signals for the last time before a long sleep. Call it in
    /// the process that is to end (a timer does not survive fork), after Python code has set its own handler.
    static void install(Interrupt interrupt) noexcept;
    static bool requested() noexcept { return word().load(std::memory_order_acquire) != 0; }
    /// 0 until it is requested.
    static std::atomic<std::uint32_t>& word() noexcept;
};

}  // namespace runtime::student
