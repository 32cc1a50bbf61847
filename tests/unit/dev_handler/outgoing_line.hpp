#pragma once
#include <catch2/catch.hpp>

#include "dev_handler/outgoing.hpp"
#include "tests/support/wire.hpp"
#include "tests/unit/dev_handler/test_types.hpp"
#include "tests/unit/start.hpp"

namespace runtime::test {

constexpr std::uint32_t motors = 1U | 1U << 8;

/// What goes out to one device, at a time that stands still unless the test moves it.
struct OutgoingLine {
    dev_handler::Outgoing outgoing;
    const DeviceType* type;
    Nanoseconds time = start;
    std::uint64_t coalesced = 0;

    explicit OutgoingLine(std::uint8_t number = koala_bear, std::uint32_t speed = 0)
        : OutgoingLine(field_type(number), speed) {}
    /// `device`: outlives the line.
    explicit OutgoingLine(const DeviceType& device, std::uint32_t speed = 0)
        : outgoing(speed), type(&device) {
        outgoing.connect(*type);
    }
    /// Writes the next frame whole; empty if there is none.
    Bytes write() {
        const auto bytes = outgoing.front(time);
        Bytes frame(bytes.begin(), bytes.end());
        if (!frame.empty())
            REQUIRE(outgoing.written(frame.size(), time));
        return frame;
    }
    std::optional<wire::ValueMap> write_values() {
        const auto message = wire::decode(write());
        return message && message->id == wire::device_write ? wire::parse_values(message->payload, *type)
                                                            : std::nullopt;
    }
    int write_id() {
        const auto message = wire::decode(write());
        return message ? message->id : -1;
    }
    void command(std::size_t parameter, float value) {
        REQUIRE(outgoing.command(parameter, Value::of(value), coalesced));
    }
    void report(float a, float b) {
        dev_handler::Values values{};
        values[0] = Value::of(a);
        values[8] = Value::of(b);
        outgoing.reported(motors, values);
    }
    /// The device has taken the first stop.
    void settle() {
        write();
        report(0, 0);
        REQUIRE_FALSE(outgoing.stopping());
        REQUIRE(write().empty());
    }
};

inline const wire::ValueMap zeros{{0, 0}, {8, 0}};

}  // namespace runtime::test
