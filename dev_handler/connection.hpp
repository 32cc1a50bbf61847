#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "dev_handler/frame.hpp"
#include "dev_handler/message.hpp"
#include "shm_wrapper/clock.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::dev_handler {

/// How often the host says PING; a device that hears nothing for 1000 ms disables itself.
inline constexpr Nanoseconds ping_period = 250 * millisecond;
/// How long a port that does not acknowledge is pinged. Boards that reset on opening are silent for 2 s.
inline constexpr Nanoseconds ping_limit = 5 * second;
/// A device is lost when nothing valid has come for this time and its type's extra silence.
inline constexpr Nanoseconds silence_limit = 1 * second;
inline constexpr Nanoseconds never = std::numeric_limits<Nanoseconds>::max();

enum class ConnectionState : std::uint8_t {
    opened,      ///< nothing has been said yet
    pinged,      ///< RST and PING were due; no acknowledgement yet
    identified,  ///< acknowledged; no values yet
    active,      ///< values come
    lost,        ///< over: what comes is ignored until open()
};

enum class LossReason : std::uint8_t {
    unanswered,    ///< no acknowledgement within ping_limit
    silence,       ///< nothing valid for too long
    reset,         ///< the device said RST
    restarted,     ///< it acknowledged again, so it has been disabled meanwhile
    unknown_type,  ///< it acknowledged with a type that the types file does not have
};

/// What a piece of input means for the owner of the connection.
struct ConnectionEvent {
    enum class Kind : std::uint8_t {
        none,        ///< nothing but what the statistics say
        identified,  ///< `acknowledgement`: who it is
        data,        ///< data() has new values; `reported` says which
        log,         ///< `text`
        lost,        ///< `reason`; for unknown_type with `acknowledgement`
    };
    Kind kind = Kind::none;
    LossReason reason{};
    Acknowledgement acknowledgement;
    std::uint32_t reported = 0;
    std::string_view text;
    /// The frame that caused the event, sound or not, for the wire log; empty if no frame ended.
    std::span<const std::uint8_t> frame;
};

/// The conversation with the device of one port, from open() to loss, as a state machine without I/O: bytes
/// and time come in, events and what is due come out. Never allocates.
class Connection {
  public:
    /// `types` must outlive the connection.
    explicit Connection(const DeviceTypes& types) noexcept : types_(&types) {}

    /// Begins a conversation: RST and PING are due `delay` after `time`. Statistics and values start anew.
    void open(Nanoseconds time, Nanoseconds delay = 0) noexcept;
    /// Ends it without a reason of its own: the port is gone, or the device is refused.
    void close() noexcept { state_ = ConnectionState::lost; }

    /// Consumes bytes from the front of `bytes` up to the end of the next frame, or all of them. Call it
    /// until `bytes` is empty. Spans in the event are valid until the next call.
    ConnectionEvent receive(std::span<const std::uint8_t>& bytes, Nanoseconds time) noexcept;

    /// What must be done at `time`.
    struct Due {
        bool reset = false;
        bool ping = false;
        std::optional<LossReason> lost;
    };
    Due advance(Nanoseconds time) noexcept;
    /// When advance() has something to say next; `never` once lost.
    Nanoseconds deadline() const noexcept;

    ConnectionState state() const noexcept { return state_; }
    /// Whether the device is known: identified or active.
    bool connected() const noexcept {
        return state_ == ConnectionState::identified || state_ == ConnectionState::active;
    }
    /// The type of a connected device.
    const DeviceType* type() const noexcept { return type_; }
    /// When it was identified.
    Nanoseconds since() const noexcept { return since_; }
    /// The latest values; the generation is the owner's to fill.
    const DeviceData& data() const noexcept { return data_; }
    const LinkStatistics& statistics() const noexcept { return statistics_; }
    /// The counters that only the owner knows (sent, coalesced, refused) are its to count here.
    LinkStatistics& statistics() noexcept { return statistics_; }

    /// What came in this conversation before an acknowledgement, to tell a person what the port may be.
    struct Unidentified {
        std::uint64_t bytes = 0;
        std::uint64_t sound_frames = 0;
        std::array<char, 32> sample{};  ///< the first bytes
    };
    const Unidentified& unidentified() const noexcept { return unidentified_; }

  private:
    ConnectionEvent handle(const DecodedFrame& frame, Nanoseconds time) noexcept;
    ConnectionEvent handle_unidentified(const Message& message, Nanoseconds time) noexcept;
    ConnectionEvent handle_connected(const Message& message, Nanoseconds time) noexcept;
    ConnectionEvent lose(LossReason reason) noexcept;
    void error(std::uint64_t LinkStatistics::*counter, Nanoseconds time) noexcept;
    Nanoseconds silence_deadline() const noexcept;

    const DeviceTypes* types_;
    const DeviceType* type_ = nullptr;
    ConnectionState state_ = ConnectionState::lost;
    bool streaming_unacknowledged_ = false;
    Nanoseconds opened_ = 0;
    Nanoseconds next_ping_ = 0;
    Nanoseconds since_ = 0;
    Nanoseconds last_valid_ = 0;
    FrameDecoder decoder_;
    DeviceData data_{};
    LinkStatistics statistics_{};
    Unidentified unidentified_;
};

}  // namespace runtime::dev_handler
