#pragma once
// Asio's coroutines of Boost 1.74 use std::exchange without including it.
#include <utility>
//
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "shm_wrapper/terminal/row.hpp"

namespace runtime {

/// The terminal of this process, taken over: keys come one by one and are not shown, a screen of its own, no
/// cursor. It is as before when this object ends, and also when a fault ends the process. One at a time.
/// SIGTSTP is ignored from then on: it would leave the terminal as it is now to the shell.
class Terminal {
  public:
    /// `lost`: what was shown is gone, since the screen has another size now, or a shell has had it while
    /// this process was stopped (SIGCONT takes it over again). Throws std::runtime_error where there is no
    /// terminal.
    Terminal(boost::asio::io_context& loop, std::function<void()> lost);
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    /// What was typed, at least one byte; empty: the terminal is gone.
    boost::asio::awaitable<std::string_view> read();
    /// Shows a frame; one that is shown already costs nothing. While an earlier one is still on its way (a
    /// slow line) it waits, and only the newest does.
    void show(std::string frame);
    ScreenSize size() const noexcept;

  private:
    void write(std::string frame);
    void wait_for_another_size();
    void wait_for_continue();
    void forget_frame();
    void set_raw() const;

    std::function<void()> lost_;
    boost::asio::posix::stream_descriptor terminal_;
    boost::asio::signal_set size_signal_;
    boost::asio::signal_set continue_signal_;
    std::array<char, 256> in_;
    std::string out_;
    std::string newest_;
    bool newest_waits_ = false;
    bool writing_ = false;
    bool entered_ = false;
};

}  // namespace runtime
