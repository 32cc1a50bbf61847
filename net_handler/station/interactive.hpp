#pragma once
// Asio's coroutines of Boost 1.74 use std::exchange without including it.
#include <utility>
//
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "net_handler/station/held_keys.hpp"
#include "net_handler/station/link.hpp"
#include "net_handler/station/retry.hpp"
#include "net_handler/station/terminal_input.hpp"
#include "shm_wrapper/terminal/terminal.hpp"

namespace runtime::station {

/// The station with a person at a terminal: shows the robot, sends what is pressed, and connects again for as
/// long as it runs.
class Interactive final : private LinkEvents {
  public:
    /// Takes the terminal over. Throws std::runtime_error where there is none.
    Interactive(boost::asio::io_context& loop, const Target& target);
    /// Returns on Ctrl-C, on SIGINT, SIGTERM, SIGHUP and SIGQUIT, and when the terminal is gone; the robot
    /// has been sent IDLE then.
    void run();
    bool looking_up() const noexcept { return link_ && link_->looking_up(); }

  private:
    void connected() override;
    void received() override { draw_soon(); }
    boost::asio::awaitable<void> stay_connected();
    boost::asio::awaitable<void> read_keys();
    boost::asio::awaitable<void> watch_signals();
    void fulfil(const Wish& wish);
    void set_mode(RunMode mode);
    void press_held_keys();
    void draw_soon();
    void draw();
    void quit();

    boost::asio::io_context& loop_;
    Target target_;
    RobotClient client_;
    std::shared_ptr<Link> link_;
    bool connected_ = false;
    Retry retry_;
    bool quitting_ = false;
    std::string connection_;
    TerminalInput input_;
    HeldKeys held_;
    std::size_t first_row_of_devices_ = 0;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer retry_timer_;
    boost::asio::steady_timer keys_timer_;
    boost::asio::steady_timer draw_timer_;
    bool draw_pending_ = false;
    Terminal terminal_;
};

}  // namespace runtime::station
