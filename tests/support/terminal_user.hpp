#pragma once
#include <termios.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/process.hpp"

namespace runtime::test {

/// A person at a terminal with a program of this build: a pseudo-terminal that is the program's controlling
/// terminal. The program is killed and reaped at the end.
class TerminalUser {
  public:
    TerminalUser(const std::string& name, std::vector<std::string> arguments, unsigned short rows = 30,
                 unsigned short columns = 100);
    ~TerminalUser();
    TerminalUser(const TerminalUser&) = delete;
    TerminalUser& operator=(const TerminalUser&) = delete;

    void type(const std::string& keys) const;
    /// Holds a key down: it is typed every 30 ms, as a terminal repeats it, until let_go().
    void hold(const std::string& key);
    void let_go();
    void resize(unsigned short rows, unsigned short columns) const;
    void signal(int number) const;
    /// Reads what the program shows until that contains `text`, behind where the last call ended.
    bool sees(const std::string& text, std::chrono::milliseconds limit = patience);
    /// Everything that was shown so far.
    const std::string& shown() const noexcept { return shown_; }
    /// Waits for the program's end: its exit status, or 128 + the signal that ended it.
    std::optional<int> wait(std::chrono::milliseconds limit = patience);
    /// How the terminal is set now.
    termios settings() const;
    /// Sets it, as another program would that shares the terminal.
    void set(const termios& settings) const;
    /// Writes to the terminal beside the program, reading nothing, until it takes no more from either.
    bool fill() const;

  private:
    bool read_some(int wait_ms);
    void repeat();

    pid_t pid_ = -1;
    int terminal_ = -1;
    int keyboard_ = -1;  // the program's side, held open so that its settings outlive it
    std::optional<int> status_;
    std::string shown_;
    std::size_t searched_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string held_;
    std::thread repeater_;
};

}  // namespace runtime::test
