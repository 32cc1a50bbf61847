#pragma once
#include <utility>

#include <boost/asio.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "tests/virtual_devices/commands.hpp"
#include "tests/virtual_devices/simulation.hpp"

namespace runtime::virtual_devices {

/// The program's one thread: it turns when a host writes, opens or closes a port, when a command comes on
/// stdin, and with every tick. One tick serves all devices.
class EventLoop {
  public:
    explicit EventLoop(Simulation& simulation);
    /// Until SIGTERM, SIGINT, SIGHUP or the command `quit`.
    void run();

  private:
    /// A port that is waited for.
    struct Watched {
        explicit Watched(boost::asio::io_context& context) : descriptor(context) {}
        boost::asio::posix::stream_descriptor descriptor;
        std::uint64_t plug_count = 0;
        int open_key = -1;
        bool waiting = false;
    };

    void watch_ports();
    void watch(std::size_t index);
    void forget(Watched& watched);
    void wait_for_port(std::size_t index);
    void wait_for_openings();
    void take_openings();
    void wait_for_tick();
    void tick();
    void hurry();
    void wait_for_commands();
    void answer_commands();
    void say(const std::string& answer);

    Simulation& simulation_;
    Commands commands_;
    boost::asio::io_context context_{1};
    boost::asio::signal_set signals_;
    boost::asio::steady_timer timer_;
    OpenWatch open_watch_;
    boost::asio::posix::stream_descriptor openings_;
    boost::asio::posix::stream_descriptor input_;
    std::string typed_;
    std::deque<Watched> ports_;
    Nanoseconds next_tick_ = 0;
    bool slow_ = false;
};

}  // namespace runtime::virtual_devices
