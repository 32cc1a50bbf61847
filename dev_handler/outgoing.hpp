#pragma once
#include <cstdint>
#include <span>

#include "dev_handler/connection.hpp"
#include "dev_handler/message.hpp"

namespace runtime::dev_handler {

/// How often a stop is repeated until the device has taken it.
inline constexpr Nanoseconds stop_period = 10 * millisecond;
/// How often it is written where the device does not report the parameter: nothing will ever show that it has
/// taken one, and a line may lose some.
inline constexpr int unreported_stops = 10;
/// Between two frames of commands on the average, and between any two that say nothing new; on a slow line at
/// least the time that a frame of the device's values takes there, since that is a turn. Firmware reads
/// one frame a turn, some 950 a second: commands that came faster would wait in the kernel's buffer, where no
/// newer one can replace them and no stop can pass. 800 a second leave room for PING and stops.
inline constexpr Nanoseconds command_period = 1250 * microsecond;
/// How many frames with a new value may run ahead of that: a button must not wait for the repetitions before
/// it. On a slow line no more than the 64 bytes of a UART's usual buffer hold.
inline constexpr int command_burst = 8;
inline constexpr int slow_line_burst = 2;

/// What waits to be written to one device, and in which order: the rest of a frame that the kernel took only
/// in part, stop zeros, RST, PING, commands. Pure: the owner writes what front() says and reports with
/// written() how much of it the kernel took. Never allocates.
class Outgoing {
  public:
    /// `bytes_per_second`: what the line carries, so that commands are held back here, where a newer one can
    /// replace them and a stop can pass them, and not in the kernel's buffer. 0: the line is no bottleneck
    /// (USB, pseudo-terminals), only the device is.
    explicit Outgoing(std::uint32_t bytes_per_second = 0) noexcept : bytes_per_second_(bytes_per_second) {}

    /// A device of this type is connected: nothing is commanded yet, and its stop parameters are to be
    /// zeroed, whatever it did before.
    void connect(const DeviceType& type) noexcept;
    /// It is gone. A frame that is written in part is still completed: the line must not end inside a frame.
    void disconnect() noexcept;
    /// The port has been opened anew, or what it held has been dropped: nothing is written in part.
    void new_line() noexcept;

    void queue_reset() noexcept { reset_ = true; }
    void queue_ping() noexcept { ping_ = true; }

    /// A value for the device; the latest wins. It replaces a stop of this parameter; but zero for a stop
    /// parameter is a stop too, once it has been sent in its turn. False if the parameter may not be written;
    /// `coalesced` is counted where it replaces one that had not been sent.
    bool command(std::size_t parameter, Value value, std::uint64_t& coalesced) noexcept;

    /// Drops every command that has not been sent, and zeroes every stop parameter, until the device shows
    /// that it has taken it, or `unreported_stops` times where it cannot show it.
    void stop() noexcept;
    /// Whether some stop parameter is not known to be zero.
    bool stopping() const noexcept { return unconfirmed_ != 0; }
    /// How often none has been left any more: tells one stop that lasts from many that do not.
    std::uint64_t times_settled() const noexcept { return times_settled_; }

    /// The device has reported the parameters of `reported`. A stop parameter that is not zero, though
    /// nothing else has been commanded since the last stop, is stopped again.
    void reported(std::uint32_t reported, const Values& values) noexcept;

    /// What to write next, in one write; empty if there is nothing, or nothing yet (deadline()). As long as
    /// the kernel has taken no byte of it, the next call may say something newer or more urgent.
    std::span<const std::uint8_t> front(Nanoseconds time) noexcept;
    /// The kernel took the first `size` bytes, at least one, of front(). True if that completed a frame.
    bool written(std::size_t size, Nanoseconds time) noexcept;
    /// When front() may have something that it holds back now; `never` if it holds nothing back.
    Nanoseconds deadline() const noexcept;

    /// The frame of the last front(), whole.
    std::span<const std::uint8_t> frame() const noexcept { return frame_.view(); }

  private:
    enum class Content : std::uint8_t { nothing, stop, reset, ping, commands };
    bool stop_due(Nanoseconds time) const noexcept;
    void forget_zeros() noexcept;
    void settle(std::uint32_t parameters) noexcept;
    void begun() noexcept;
    void completed(Nanoseconds time) noexcept;
    Nanoseconds commands_due() const noexcept;

    std::uint32_t bytes_per_second_;
    Nanoseconds command_period_ = command_period;
    const DeviceType* type_ = nullptr;
    std::uint32_t stop_parameters_ = 0;  ///< of the type: those that can be written
    std::uint32_t unreported_ = 0;       ///< of these: those that cannot be read
    bool reset_ = false;
    bool ping_ = false;
    std::uint32_t pending_ = 0;
    Values values_{};
    std::uint32_t sent_ = 0;         ///< parameters whose value was the last that was sent
    std::uint32_t moving_ = 0;       ///< stop parameters whose last command was not zero
    std::uint32_t unconfirmed_ = 0;  ///< stop parameters not known to be zero
    std::uint64_t times_settled_ = 0;
    std::uint32_t zero_written_ = 0;  ///< of these: the kernel has taken the zero
    Nanoseconds stop_written_ = 0;    ///< 0: write it at once
    int unreported_left_ = 0;         ///< zeros to write to parameters that are not reported
    Nanoseconds line_free_ = 0;       ///< when the line has carried what it was given
    Nanoseconds next_commands_ = 0;   ///< when one more frame of commands is within the average
    Frame frame_;
    Content content_ = Content::nothing;
    std::uint32_t bits_in_frame_ = 0;  ///< its parameters, whose zeros count
    std::size_t offset_ = 0;           ///< bytes of it that the kernel has taken
};

}  // namespace runtime::dev_handler
