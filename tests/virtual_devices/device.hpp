#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/virtual_devices/frames.hpp"
#include "tests/virtual_devices/models.hpp"
#include "tests/virtual_devices/receiver.hpp"

namespace runtime::virtual_devices {

struct Identity {
    std::uint64_t uid;
    std::uint8_t year;
};

/// What a device has received since it was switched on.
struct Received {
    std::uint64_t pings = 0;
    std::uint64_t writes = 0;
    std::uint64_t resets = 0;
    std::uint64_t bad_frames = 0;
    Nanoseconds last_ping = 0;
    Nanoseconds last_write = 0;
    Nanoseconds last_reset = 0;
    /// Of one parameter: how often it was written, the last value as it came, and when; 0: never.
    struct Written {
        std::uint64_t count = 0;
        Value value{};
        Nanoseconds time = 0;
    };
    std::array<Written, max_parameters> parameters{};
};

/// What is wrong or peculiar with this very device.
struct Defects {
    /// The type that it acknowledges with instead of its own.
    std::optional<std::uint8_t> announced_type;
    bool wrong_checksum = false;
    /// How long its loop stands still before each DEVICE_DATA.
    Nanoseconds stall = 0;
    /// It sits on a UART of 115200 baud and not on USB: DEVICE_DATA come no faster than the line carries
    /// them.
    bool uart = false;
    /// Its watchdog never bites.
    bool no_watchdog = false;
};

/// One device with the firmware's side of the conversation: disabled until pinged, watched by its watchdog,
/// and with the weaknesses that real firmware has (README.md). Pure: bytes and time in, frames out.
class Device {
  public:
    /// Without PING or DEVICE_WRITE for this long, it resets itself.
    static constexpr Nanoseconds watchdog = second;
    /// Texts that it can hold; one more and it is dead.
    static constexpr std::size_t max_texts = 10;

    /// Switched on at the first call that tells it the time. `data_period`: between two DEVICE_DATA.
    Device(const DeviceType& type, Identity identity, std::unique_ptr<Model> model, Nanoseconds data_period);

    /// Takes received bytes in, and acts on the frames that are whole, unless its loop stands still.
    void receive(std::span<const std::uint8_t> bytes, Nanoseconds time, Frames& out);
    /// One turn of its loop: call it at least as often as DEVICE_DATA are due. Adds what it sends to `out`.
    void tick(Nanoseconds time, Frames& out);

    /// Makes it do what its watchdog does: reset, RST, disabled.
    void reset_itself(Frames& out);
    /// Queues a LOG text.
    void say(std::string text);
    /// One more DEVICE_DATA, out of turn.
    void send_data(Frames& out);
    /// Makes parameter `index` report `value` whatever the model says; nothing: the model speaks again.
    void pretend(std::size_t index, std::optional<Value> value);
    Defects& defects() noexcept { return defects_; }

    const DeviceType& type() const noexcept { return type_; }
    const Identity& identity() const noexcept { return identity_; }
    bool enabled() const noexcept { return enabled_; }
    /// It neither reads nor sends any more, until it is switched off and on.
    bool dead() const noexcept { return dead_; }
    const Received& received() const noexcept { return received_; }
    /// What parameter `index` holds now (of one that is not readable: what was written).
    Value value(std::size_t index) const noexcept;

  private:
    void read_messages(Nanoseconds time, Frames& out);
    void handle(const Message& message, Nanoseconds time, Frames& out);
    void acknowledge(Nanoseconds time, Frames& out);
    void write(std::span<const std::uint8_t> payload, Nanoseconds time);
    /// Writes one parameter from the front of `values`; how many bytes of them it consumed.
    std::size_t write_parameter(std::size_t index, std::span<const std::uint8_t> values, Nanoseconds time);
    void disable();
    void send_texts(Frames& out);
    void send(MessageId id, std::span<const std::uint8_t> payload, Frames& out) const;

    const DeviceType& type_;
    Identity identity_;
    std::unique_ptr<Model> model_;
    Nanoseconds data_period_;

    Receiver receiver_;
    Received received_;
    Defects defects_;
    std::array<std::optional<Value>, max_parameters> pretended_{};
    std::vector<std::string> texts_;
    bool enabled_ = false;
    bool dead_ = false;
    bool data_sent_ = false;      // since it became enabled
    Nanoseconds fed_ = 0;         // the watchdog
    Nanoseconds busy_until_ = 0;  // its loop stands still
    Nanoseconds next_data_ = 0;
};

/// The bitmap that a type's firmware sends in DEVICE_DATA, false bits included.
std::uint32_t data_bitmap(const DeviceType& type) noexcept;
/// How many surplus bytes follow the real values.
std::size_t surplus_bytes(const DeviceType& type) noexcept;

}  // namespace runtime::virtual_devices
