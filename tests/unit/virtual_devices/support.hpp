#pragma once
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "shm_wrapper/device_types_file.hpp"
#include "tests/virtual_devices/device.hpp"

namespace runtime::virtual_devices {

inline const DeviceTypes& field_types() {
    static const DeviceTypes types =
        read_device_types(SOURCE_DIRECTORY "/shm_wrapper/device_types.textproto");
    return types;
}

inline const DeviceType& field_type(std::string_view name) {
    for (std::size_t i = 0; i < field_types().count; ++i)
        if (field_types().list[i].name() == name)
            return field_types().list[i];
    throw std::runtime_error("no such type");
}

/// A payload put together by hand.
class Payload {
  public:
    Payload& integer(std::uint32_t value) {
        for (int i = 0; i < 4; ++i)
            bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        return *this;
    }
    Payload& floating(float value) { return integer(Value::of(value).bits); }
    Payload& boolean(std::uint8_t value) {
        bytes_.push_back(value);
        return *this;
    }
    operator std::span<const std::uint8_t>() const { return bytes_; }

  private:
    std::vector<std::uint8_t> bytes_;
};

/// One device in a world of its own, driven by hand in virtual time.
class Bench {
  public:
    explicit Bench(std::string_view type)
        : device(field_type(type), {0x0123456789ABCDEF, recorded_year(type)},
                 make_model(field_type(type), world, 0), millisecond) {}

    /// The host sends a message, in one piece. What the device sends at once is added to `sent`.
    void host(MessageId id, std::span<const std::uint8_t> payload = {}) {
        host_bytes(make_frame(id, payload).view());
    }
    void host_bytes(std::span<const std::uint8_t> bytes) { device.receive(bytes, time, sent); }
    /// Lets time pass in ticks of a millisecond. `moving`: the world, too.
    void pass(Nanoseconds span, bool moving = false) {
        for (const Nanoseconds end = time + span; time < end;) {
            time += millisecond;
            if (moving)
                world.step(0.001);
            device.tick(time, sent);
        }
    }
    /// Forgets what was sent so far, lets time pass, and returns what was sent meanwhile.
    Frames sent_in(Nanoseconds span) {
        sent.clear();
        pass(span);
        return sent;
    }
    std::size_t count(MessageId id) const {
        std::size_t result = 0;
        for (const Frame& frame : sent)
            result += frame.id == id ? 1 : 0;
        return result;
    }
    float floating(std::string_view parameter) const {
        return device.value(static_cast<std::size_t>(device.type().find(parameter))).floating();
    }
    std::int32_t integer(std::string_view parameter) const {
        return device.value(static_cast<std::size_t>(device.type().find(parameter))).integer();
    }

    World world;
    Nanoseconds time = second;
    Frames sent;
    Device device;
};

/// The payload of a frame, decoded.
inline std::vector<std::uint8_t> payload_of(const Frame& frame) {
    MessageBuffer buffer;
    const auto message = decode(frame.view().subspan(2), buffer);
    if (!message)
        return {};
    return {message->payload.begin(), message->payload.end()};
}

}  // namespace runtime::virtual_devices
