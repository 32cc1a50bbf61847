#pragma once
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dev_handler/catalog.hpp"
#include "dev_handler/connection.hpp"
#include "dev_handler/early_frames.hpp"
#include "dev_handler/handler_memory.hpp"
#include "dev_handler/link_log.hpp"
#include "dev_handler/outgoing.hpp"
#include "dev_handler/port_opener.hpp"
#include "dev_handler/rate_limit.hpp"
#include "shm_wrapper/wire_ring.hpp"

namespace runtime::dev_handler {

/// What a link needs of the daemon around it.
class LinkHost {
  public:
    LinkHost() = default;
    LinkHost(const LinkHost&) = delete;
    LinkHost& operator=(const LinkHost&) = delete;
    virtual ~LinkHost() = default;
    virtual boost::asio::io_context& context() noexcept = 0;
    virtual PortOpener& opener() noexcept = 0;
    virtual const DeviceTypes& types() const noexcept = 0;
    virtual Catalog& catalog() noexcept = 0;
    virtual WireBlock& wire() noexcept = 0;
    /// Something happened that others wait for, or a deadline moved: do what is to be done at the end of the
    /// turn of the loop.
    virtual void touch() = 0;
};

/// One port that exists, and the device behind it: opens it, moves bytes between the descriptor and the pure
/// parts (Connection, Outgoing), and tries again after every kind of failure. Runs in the daemon's loop;
/// nothing here waits.
class DeviceLink : public std::enable_shared_from_this<DeviceLink> {
  public:
    DeviceLink(LinkHost& host, std::string path, PortIdentity identity);
    ~DeviceLink();
    DeviceLink(const DeviceLink&) = delete;
    DeviceLink& operator=(const DeviceLink&) = delete;

    const std::string& path() const noexcept { return path_; }
    const PortIdentity& identity() const noexcept { return identity_; }

    /// Tries to open the port now unless it is open, whatever the delays say: it has just changed.
    void try_now();
    /// The path leads to another port now.
    void replace(PortIdentity identity, Nanoseconds time);
    /// The port does not exist any more: zeros and RST, as far as that goes without waiting, since the device
    /// may still be there; closed without a retry.
    void vanish(Nanoseconds time);
    /// A slot has become free: asks again if this device was refused for want of one.
    void slot_freed(Nanoseconds time);

    /// Does what is due.
    void advance(Nanoseconds time);
    /// When advance() is to be called next.
    Nanoseconds deadline() const noexcept;

    /// Zero to every stop parameter.
    void stop(Nanoseconds time);
    /// Takes a value for the device; flush() sends it.
    void command(std::size_t parameter, Value value);
    void count_refused(std::uint32_t parameters) noexcept;
    LinkLog& log() noexcept { return log_; }
    void flush(Nanoseconds time);

    /// Says good-bye at the end of the program: zeros and RST, as far as that goes without waiting.
    void shut_down(Nanoseconds time);
    /// Whether something of the good-bye is still under way to the device.
    bool unsent() const noexcept { return waiting_for_writable_ || port_.unsent() > 0; }
    /// Closes the port without a retry.
    void close(Nanoseconds time);

  private:
    static constexpr std::size_t read_size = 4096;

    void open();
    void converse(Nanoseconds time, Nanoseconds delay = 0);
    void opened(Port port, int error, Nanoseconds time);
    void wait_for_input();
    void read(Nanoseconds time);
    void received(std::size_t size, Nanoseconds time);
    void handle(const ConnectionEvent& event, Nanoseconds time);
    void identified(const Acknowledgement& device, Nanoseconds time);
    void lost(LossReason reason, const Acknowledgement& device, Nanoseconds time);
    void hung_up(Nanoseconds time);
    void lost_by_silence(Nanoseconds time);
    void disconnect(Nanoseconds time);
    /// RST to a device that is lost but may move, which then leaves its slot.
    void reset_lost(Nanoseconds time);
    /// Zeros and RST, as far as that goes without waiting.
    void say_good_bye(Nanoseconds time);
    void leave_slot(Nanoseconds time);
    /// Tells a person when a device has not stopped in time.
    void watch_stop(Nanoseconds time);
    void wait_until_writable();
    void record(WireDirection direction, std::span<const std::uint8_t> frame, bool sound, Nanoseconds time);

    LinkHost& host_;
    std::string path_;
    PortIdentity identity_;
    Port port_;
    boost::asio::posix::stream_descriptor stream_;
    /// Advances with each opening and closing: what was begun before is ignored when it completes.
    std::uint64_t session_ = 0;
    bool opening_ = false;
    bool changed_while_opening_ = false;
    Connection connection_;
    Outgoing outgoing_;
    LinkLog log_;
    EarlyFrames early_frames_;
    std::optional<std::size_t> slot_;
    bool waiting_for_slot_ = false;
    bool waiting_for_writable_ = false;
    Nanoseconds retry_ = never;
    Nanoseconds opened_ = 0;
    Nanoseconds stop_overdue_ = never;  ///< from when on a stop has taken too long
    std::uint64_t stops_settled_ = 0;   ///< when that began
    Backoff open_backoff_;              ///< after a failure to open, and after a hang-up
    Backoff probe_backoff_;             ///< after a conversation without a device of ours
    HandlerMemory read_memory_;
    HandlerMemory write_memory_;
    std::array<std::uint8_t, read_size> buffer_{};
};

}  // namespace runtime::dev_handler
