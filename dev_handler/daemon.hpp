#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dev_handler/catalog.hpp"
#include "dev_handler/command_control.hpp"
#include "dev_handler/command_intake.hpp"
#include "dev_handler/device_link.hpp"
#include "dev_handler/port_scanner.hpp"
#include "shm_wrapper/block.hpp"
#include "shm_wrapper/block_watch.hpp"
#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/watcher.hpp"

namespace runtime::dev_handler {

/// The loop of dev_handler: one thread for all ports, the gate and the commands; the watcher's thread turns
/// changes of the other daemons' blocks into events.
class Daemon final : private LinkHost, private Actuators {
  public:
    /// How often ports are looked for where no event tells of them.
    static constexpr Nanoseconds default_scan_period = 2 * second;

    /// Attaches to the blocks, which are those that `blocks` has seen. Throws BlockError, std::system_error.
    Daemon(const std::string& instance, BlockWatch blocks, std::vector<std::string> port_patterns,
           Nanoseconds scan_period = default_scan_period);
    ~Daemon() override;
    /// Runs until SIGTERM or SIGINT, or until its blocks are gone, then resets the devices. The exit status.
    int run();

  private:
    boost::asio::io_context& context() noexcept override { return context_; }
    PortOpener& opener() noexcept override { return opener_; }
    const DeviceTypes& types() const noexcept override { return types_->types; }
    Catalog& catalog() noexcept override { return catalog_; }
    WireBlock& wire() noexcept override { return *wire_; }
    void touch() override;

    void stop_all(GateState reason) override;
    void command(std::size_t slot, std::size_t parameter, Value value) override;
    void refused(std::size_t slot, std::uint32_t parameters, CommandRefusal refusal, bool tell) override;

    void wait_for_changes();
    void wait_for_ports();
    void wait_for_opened_ports();
    void evaluate(Nanoseconds time);
    void scan(Nanoseconds time);
    void finish_turn();
    void arm(Nanoseconds deadline);
    void timer_expired();
    Nanoseconds next_deadline() const noexcept;
    void look_at_blocks(Nanoseconds time);
    void shut_down();
    void finish_shut_down(Nanoseconds deadline);

    BlockWatch blocks_;
    BlockWriter<DevicesBlock> devices_;
    BlockWriter<WireBlock> wire_;
    TypesReader types_;
    BlockReader<RobotBlock> robot_;
    BlockReader<StudentBlock> student_;
    BlockReader<CommandsBlock> commands_;

    // Of operations that may end with the context.
    HandlerMemory timer_memory_;
    HandlerMemory turn_memory_;
    HandlerMemory watcher_memory_;
    boost::asio::io_context context_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer timer_;
    Nanoseconds armed_ = never;
    bool turn_end_posted_ = false;
    int exit_status_ = 0;
    bool shutting_down_ = false;

    Catalog catalog_;
    CommandIntake intake_;
    CommandControl control_;
    Nanoseconds time_ = 0;               ///< of the evaluation that is going on
    std::uint32_t commanded_slots_ = 0;  ///< with something to send at its end
    Nanoseconds next_heartbeat_ = 0;
    Nanoseconds next_evaluation_ = never;
    Nanoseconds next_scan_ = 0;
    const Nanoseconds scan_period_;

    PortScanner scanner_;
    std::map<std::string, std::shared_ptr<DeviceLink>> links_;
    boost::asio::posix::stream_descriptor port_events_;
    PortOpener opener_;
    boost::asio::posix::stream_descriptor opened_ports_;
    Watcher watcher_;
    boost::asio::posix::stream_descriptor changes_;
};

}  // namespace runtime::dev_handler
