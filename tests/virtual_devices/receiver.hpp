#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "shm_wrapper/clock.hpp"
#include "tests/virtual_devices/frames.hpp"

namespace runtime::virtual_devices {

/// Reads frames out of received bytes the way the firmware does, with its weaknesses: it looks for a
/// delimiter, then waits for as many bytes as the length says, whatever they are, and does nothing else
/// meanwhile. Pure: bytes and time come in.
class Receiver {
  public:
    /// How long the firmware waits for the rest of a frame that has begun.
    static constexpr Nanoseconds patience = second;
    /// How long a delimiter may stand alone before the frame counts as lost: one turn of the firmware's loop.
    static constexpr Nanoseconds lone_delimiter_limit = 500 * microsecond;

    enum class Result {
        nothing,  ///< no whole frame yet
        message,  ///< `message` is one; valid until the next call
        bad,      ///< something was dropped that is not a frame
    };

    /// Takes bytes in. What does not fit into the buffer is lost, as in a UART.
    void push(std::span<const std::uint8_t> bytes) noexcept;
    /// The next frame.
    Result next(Nanoseconds time, Message& message) noexcept;
    /// Whether it is waiting for the rest of a frame: the firmware does nothing else meanwhile.
    bool waiting() const noexcept { return expected_ != 0; }
    void clear() noexcept;

  private:
    Result start_frame(Nanoseconds time) noexcept;
    void drop(std::size_t count) noexcept;

    std::array<std::uint8_t, 4096> bytes_{};
    std::size_t size_ = 0;
    std::size_t expected_ = 0;       // bytes of the frame being read; 0: none is
    Nanoseconds frame_started_ = 0;  // when its length was read
    Nanoseconds lone_since_ = 0;     // since when a delimiter stands alone; 0: none does
    MessageBuffer decoded_{};
};

}  // namespace runtime::virtual_devices
