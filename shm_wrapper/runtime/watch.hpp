#pragma once
// Asio's coroutines of Boost 1.74 use std::exchange without including it.
#include <utility>
//
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>

#include "shm_wrapper/runtime/collector.hpp"
#include "shm_wrapper/terminal/terminal.hpp"

namespace runtime::overview {

/// `runtime watch`: a person looks at a robot.
class Watch {
  public:
    /// Takes the terminal over. Throws std::runtime_error where there is none.
    Watch(boost::asio::io_context& loop, std::string instance);
    /// Returns on q and Ctrl-C, on SIGINT, SIGTERM, SIGHUP and SIGQUIT, and when the terminal is gone.
    void run();

  private:
    boost::asio::awaitable<void> read_keys();
    boost::asio::awaitable<void> look_again();
    boost::asio::awaitable<void> watch_signals();
    void draw();

    boost::asio::io_context& loop_;
    Collector collector_;
    Snapshot snapshot_;
    std::size_t first_row_ = 0;
    boost::asio::steady_timer look_timer_;
    boost::asio::signal_set signals_;
    Terminal terminal_;
};

}  // namespace runtime::overview
