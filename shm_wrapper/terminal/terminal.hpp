#pragma once
// Asio's coroutines of Boost 1.74 use std::exchange without including it.
#include <utility>
//
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <string>
#include <string_view>

#include "shm_wrapper/terminal/row.hpp"

namespace runtime {

/// The terminal of this process, taken over: keys come one by one and are not shown, a screen of its own, no
/// cursor. It is as before when this object ends, and also when a fault ends the process. One at a time.
class Terminal {
  public:
    /// Throws std::runtime_error where there is none.
    explicit Terminal(boost::asio::io_context& loop);
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    /// What was typed, at least one byte; empty: the terminal is gone.
    boost::asio::awaitable<std::string_view> read();
    /// Shows a frame. While an earlier one is still on its way (a slow line) it waits, and only the newest
    /// does.
    void show(std::string frame);
    ScreenSize size() const noexcept;
    /// Takes the terminal over once more: after this process was stopped, a shell has had it.
    void take_over_again();

  private:
    void write();
    void set_raw() const;

    boost::asio::posix::stream_descriptor terminal_;
    std::array<char, 256> in_;
    std::string out_;
    std::string next_;
    bool writing_ = false;
    bool entered_ = false;
};

}  // namespace runtime
