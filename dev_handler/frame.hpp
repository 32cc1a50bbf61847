#pragma once
/// The frames of the serial protocol: a delimiter 0x00, the length L, and L bytes of a COBS-encoded message.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace runtime::dev_handler {

/// A 4-byte bitmap and 32 values of 4 bytes.
inline constexpr std::size_t max_payload_size = 132;
/// id, payload length, payload, checksum.
inline constexpr std::size_t min_message_size = 3;
inline constexpr std::size_t max_message_size = max_payload_size + min_message_size;
/// What L may be: a message after COBS, which for these sizes always takes one byte more.
inline constexpr std::size_t min_encoded_size = min_message_size + 1;
inline constexpr std::size_t max_encoded_size = max_message_size + 1;
inline constexpr std::size_t max_frame_size = max_encoded_size + 2;
inline constexpr std::uint8_t delimiter = 0x00;

/// A frame ready to be written, with no allocation.
struct Frame {
    std::array<std::uint8_t, max_frame_size> bytes{};
    std::size_t size = 0;

    std::span<const std::uint8_t> view() const noexcept { return {bytes.data(), size}; }
};

/// `message`: at most max_message_size bytes.
Frame encode_frame(std::span<const std::uint8_t> message) noexcept;

/// What the decoder found between two delimiters.
enum class FrameStatus : std::uint8_t {
    none,        ///< nothing whole yet: more bytes are needed
    whole,       ///< a frame that decodes; its message is not checked yet
    bad_length,  ///< L is impossible
    truncated,   ///< a delimiter came before L bytes did
    not_cobs,    ///< L bytes came, but they do not decode
    garbage,     ///< bytes outside any frame, reported once for a run of them
};

struct DecodedFrame {
    FrameStatus status = FrameStatus::none;
    /// The decoded message of a whole frame.
    std::span<const std::uint8_t> message;
    /// The bytes as they came, delimiter first; for bad frames what there was of them. Empty for garbage.
    std::span<const std::uint8_t> raw;
};

/// Cuts a stream of bytes, in pieces of any size, into frames. After any fault it resynchronises on the next
/// delimiter, so that a sound frame is never lost to what came before it. Never allocates.
class FrameDecoder {
  public:
    /// Consumes `bytes` from the front up to the end of the next frame, sound or not, or all of them. The
    /// spans in the result are valid until the next call.
    DecodedFrame next(std::span<const std::uint8_t>& bytes) noexcept;
    /// Forgets what it has of a frame: for a new stream.
    void reset() noexcept;

  private:
    enum class State : std::uint8_t { between, length, body, hunting };
    DecodedFrame finish(FrameStatus status) noexcept;

    State state_ = State::between;
    std::size_t size_ = 0;  ///< bytes in raw_
    std::size_t end_ = 0;   ///< the size at which the frame is whole
    std::array<std::uint8_t, max_frame_size> raw_{};
    std::array<std::uint8_t, max_message_size> message_{};
    std::array<std::uint8_t, max_frame_size> reported_{};
};

}  // namespace runtime::dev_handler
