#pragma once
// Asio's coroutines of Boost 1.74 use std::exchange without including it.
#include <utility>
//
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net_handler/station/link.hpp"
#include "net_handler/station/output.hpp"
#include "net_handler/station/settings.hpp"

namespace runtime::station {

/// The station without a person: carries out orders over one connection, prints what was asked for to
/// standard output, and says in one line on standard error what went wrong.
class Script final : private LinkEvents {
  public:
    Script(boost::asio::io_context& loop, const Target& target, const Orders& orders);
    /// Returns when the orders are carried out, the connection is lost, or on SIGINT, SIGTERM, SIGHUP. The
    /// exit status: 0, or 1 if the robot could not be reached, was lost, did not take the mode or did not
    /// keep it, or may not have read the last IDLE, or if what was printed was not read.
    int run();
    const Link& link() const noexcept { return *link_; }

  private:
    void connected() override;
    void received() override;
    void ended(const std::string& reason);
    void begin();
    void refused(const std::string& why);
    void displaced(RunMode mode);
    void leave();
    void after(std::chrono::nanoseconds time, std::function<void()> action);
    void print();
    std::string devices_to_print();
    std::string logs_to_print();
    void printed(bool all);
    void fail(const std::string& text);

    boost::asio::io_context& loop_;
    Target target_;
    Orders orders_;
    RobotClient client_;
    std::shared_ptr<Link> link_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer timer_;
    Output output_;
    bool leaving_ = false;
    bool ended_ = false;  ///< the connection has ended: what is left is to be printed
    bool connected_ = false;
    bool began_ = false;  ///< the robot is in the mode: the time runs
    std::uint64_t printed_packets_ = 0;
    Nanoseconds print_due_ = 0;
    std::uint64_t printed_lines_ = 0;
    int status_ = 0;
};

}  // namespace runtime::station
