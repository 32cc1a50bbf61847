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
    /// Installs the handler. It sets the word, wakes whoever waits for it, and calls `interrupt`. Call it
    /// after Python code has set its own.
    static void install(Interrupt interrupt) noexcept;
    static bool requested() noexcept { return word().load(std::memory_order_acquire) != 0; }
    /// 0 until it is requested.
    static std::atomic<std::uint32_t>& word() noexcept;
};

}  // namespace runtime::student
