#include "dev_handler/outgoing.hpp"

#include <catch2/catch.hpp>

#include "tests/scenario/dev_handler/wire.hpp"
#include "tests/unit/dev_handler/test_types.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
using runtime::test::Bytes;
using runtime::test::field_type;
namespace wire = runtime::test::wire;
using wire::ValueMap;

namespace {

constexpr Nanoseconds start = 1000 * second;
constexpr std::uint32_t motors = 1U | 1U << 8;

struct Line {
    Outgoing outgoing;
    const DeviceType* type;
    Nanoseconds time = start;
    std::uint64_t coalesced = 0;

    explicit Line(std::uint8_t number = test::koala_bear, std::uint32_t speed = 0)
        : outgoing(speed), type(&field_type(number)) {
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
    std::optional<ValueMap> write_values() {
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
        Values values{};
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

const ValueMap zeros{{0, 0}, {8, 0}};

}  // namespace

TEST_CASE("A device that connects gets zeros, repeated every 10 ms until it shows that it has taken them") {
    Line line;
    CHECK(line.write_values() == zeros);
    CHECK(line.write().empty());
    CHECK(line.outgoing.deadline() == start + stop_period);
    line.time += stop_period;
    CHECK(line.write_values() == zeros);
    line.report(0.5F, 0);  // one motor still turns
    line.time += stop_period;
    CHECK(line.write_values() == ValueMap{{0, 0}});
    line.report(-0.0F, 0);
    CHECK_FALSE(line.outgoing.stopping());
    CHECK(line.outgoing.deadline() == never);
}

TEST_CASE("Zeros that a device reported before the write confirm nothing") {
    Line line;
    line.report(0, 0);
    CHECK(line.outgoing.stopping());
    CHECK(line.write_values() == zeros);
    line.report(0, 0);
    CHECK_FALSE(line.outgoing.stopping());
}

TEST_CASE("A motor that turns though nothing but zero was commanded since the last stop is stopped again") {
    Line line;
    line.settle();
    ValueMap expected = zeros;
    SECTION("nothing was commanded") {}
    SECTION("the other motor was commanded") {
        line.command(0, 0.5F);
        REQUIRE(line.write_values() == ValueMap{{0, Value::of(0.5F).bits}});
        expected = {{8, 0}};
    }
    line.time += stop_period;
    line.report(0.5F, 0.1F);
    REQUIRE(line.outgoing.stopping());
    REQUIRE(line.write_values() == expected);
}

TEST_CASE("A motor that turns as it was commanded is left alone") {
    Line line;
    line.settle();
    line.command(0, 0.5F);
    line.write();
    line.report(0.4F, 0);
    CHECK_FALSE(line.outgoing.stopping());
    CHECK(line.outgoing.deadline() == never);
}

TEST_CASE("A commanded zero waits its turn, and then is repeated until the device shows it") {
    Line line;
    line.settle();
    line.command(0, 0.5F);
    line.write();
    line.command(0, 0.0F);
    REQUIRE_FALSE(line.outgoing.stopping());
    REQUIRE(line.write_values() == ValueMap{{0, 0}});
    REQUIRE(line.outgoing.stopping());
    REQUIRE(line.outgoing.deadline() == line.time + stop_period);
    line.time += stop_period;
    SECTION("the device did not get it") {
        line.report(0.5F, 0);
        CHECK(line.write_values() == ValueMap{{0, 0}});
    }
    SECTION("the device got it") {
        line.report(0, 0);
        CHECK(line.write().empty());
        CHECK(line.outgoing.deadline() == never);
    }
    SECTION("another command ends it") {
        line.command(0, 0.25F);
        CHECK(line.write_values() == ValueMap{{0, Value::of(0.25F).bits}});
        CHECK_FALSE(line.outgoing.stopping());
    }
}

TEST_CASE("A zero that got lost is repeated in its time also while zeros for another motor are commanded") {
    Line line;
    line.settle();
    line.command(0, 0.5F);
    line.command(8, 0.5F);
    line.write();
    line.outgoing.stop();
    REQUIRE(line.write_values() == zeros);
    int repeated = 0;
    for (const Nanoseconds begin = line.time; line.time < begin + 10 * stop_period;
         line.time += 2 * millisecond) {
        line.command(0, 0.0F);
        line.report(0.0F, 0.5F);
        while (const auto values = line.write_values())
            repeated += static_cast<int>(values->count(8));
    }
    CHECK(repeated >= 9);
}

TEST_CASE("One stop that lasts is told from many that were taken") {
    Line line;
    line.settle();
    for (int i = 0; i < 3; ++i) {
        const auto before = line.outgoing.times_settled();
        line.command(0, 0.0F);
        REQUIRE(line.write_values());
        line.time += command_period;
        CHECK(line.outgoing.stopping());
        line.report(0.5F, 0);
        CHECK(line.outgoing.times_settled() == before);
        line.report(0, 0);
        CHECK(line.outgoing.times_settled() == before + 1);
    }
}

TEST_CASE("Behind a bridge commands are no faster than the device's own values let it turn") {
    Line line(test::koala_bear, 11520);
    line.settle();
    int frames = 0;
    const Nanoseconds begin = line.time;
    for (int i = 0; line.time < begin + second; ++i, line.time += millisecond) {
        line.command(0, 0.1F + 0.0001F * static_cast<float>(i));
        frames += line.write().empty() ? 0 : 1;
    }
    const double turns = 11520.0 / static_cast<double>(device_data_size(*line.type));
    CHECK(frames <= turns + slow_line_burst + 1);
    CHECK(frames >= turns - 1);
}

TEST_CASE("The rest of a frame with another value is not taken for a zero that was commanded meanwhile") {
    Line line;
    line.settle();
    line.command(0, 0.5F);
    const auto size = line.outgoing.front(line.time).size();
    line.outgoing.written(3, line.time);
    SECTION("by a command") {
        line.command(0, 0.0F);
    }
    SECTION("by a stop") {
        line.outgoing.stop();
    }
    REQUIRE(line.outgoing.written(size - 3, line.time));
    line.report(0, 0);
    const auto values = line.write_values();
    REQUIRE(values);
    CHECK(values->count(0) == 1);
    CHECK(line.outgoing.stopping());
}

TEST_CASE(
    "A stop parameter that is not reported is stopped ten times, since nothing shows that it has been") {
    DeviceType type = field_type(test::polar_bear);
    type.parameters[0].read = false;
    Outgoing outgoing;
    outgoing.connect(type);
    Nanoseconds time = start;
    for (int i = 0; i < unreported_stops; ++i) {
        REQUIRE(outgoing.stopping());
        const auto zeros = outgoing.front(time);
        REQUIRE_FALSE(zeros.empty());
        outgoing.written(zeros.size(), time);
        time = outgoing.deadline();
    }
    CHECK_FALSE(outgoing.stopping());
    CHECK(outgoing.deadline() == never);
}

TEST_CASE("A device without stop parameters gets no zeros") {
    Line line(test::servo_control);
    CHECK(line.write().empty());
    line.outgoing.stop();
    CHECK(line.write().empty());
}

TEST_CASE("The latest command wins, and what it replaces is counted") {
    Line line;
    line.settle();
    line.command(0, 0.1F);
    line.command(0, 0.2F);
    line.command(1, 0.3F);
    CHECK(line.coalesced == 1);
    CHECK(line.write_values() == ValueMap{{0, Value::of(0.2F).bits}, {1, Value::of(0.3F).bits}});
    CHECK(line.write().empty());
}

TEST_CASE("A command for the value that was sent last is sent again") {
    Line line;
    line.settle();
    for (int i = 0; i < 3; ++i) {
        REQUIRE(line.outgoing.command(7, Value::of(0), line.coalesced));  // resets an encoder
        CHECK(line.write_values() == ValueMap{{7, 0}});
        line.time += command_period;
    }
}

TEST_CASE("What cannot be written is refused") {
    Line line(test::polar_bear);
    CHECK_FALSE(line.outgoing.command(1, Value::of(1.0F), line.coalesced));
    CHECK_FALSE(line.outgoing.command(3, Value::of(1.0F), line.coalesced));
    CHECK_FALSE(line.outgoing.command(31, Value::of(1.0F), line.coalesced));
    line.outgoing.disconnect();
    CHECK_FALSE(line.outgoing.command(0, Value::of(1.0F), line.coalesced));
}

TEST_CASE("A stop drops every command that waits and goes before everything else") {
    Line line;
    line.settle();
    line.outgoing.queue_ping();
    line.outgoing.queue_reset();
    line.command(0, 1.0F);
    line.command(1, 0.3F);
    line.outgoing.stop();
    CHECK(line.write_values() == zeros);
    CHECK(line.write_id() == wire::reset);
    CHECK(line.write_id() == wire::ping);
    CHECK(line.write().empty());
}

TEST_CASE("A new command ends the stop of its parameter alone") {
    Line line;
    line.command(0, 0.5F);
    CHECK(line.write_values() == ValueMap{{8, 0}});
    CHECK(line.write_values() == ValueMap{{0, Value::of(0.5F).bits}});
}

TEST_CASE("A frame that the kernel took in part is completed before anything else") {
    Line line;
    line.settle();
    line.command(0, 0.5F);
    const auto bytes = line.outgoing.front(line.time);
    Bytes wire_bytes(bytes.begin(), bytes.begin() + 3);
    CHECK_FALSE(line.outgoing.written(3, line.time));
    SECTION("before a stop") {
        line.outgoing.stop();
    }
    SECTION("before a PING and a newer command") {
        line.outgoing.queue_ping();
        line.command(0, 0.75F);
    }
    SECTION("also when the device is gone meanwhile") {
        line.outgoing.disconnect();
    }
    SECTION("also when another one has come") {
        line.outgoing.disconnect();
        line.outgoing.connect(field_type(test::polar_bear));
    }
    const auto rest = line.outgoing.front(line.time);
    wire_bytes.insert(wire_bytes.end(), rest.begin(), rest.end());
    CHECK(line.outgoing.written(rest.size(), line.time));
    const auto message = wire::decode(wire_bytes);
    REQUIRE(message);
    CHECK(wire::parse_values(message->payload, *line.type) == ValueMap{{0, Value::of(0.5F).bits}});
}

TEST_CASE("A frame of which the kernel has taken nothing gives way to what is newer or more urgent") {
    Line line;
    line.settle();
    line.command(0, 0.5F);
    CHECK_FALSE(line.outgoing.front(line.time).empty());
    line.command(0, 0.75F);
    CHECK(line.coalesced == 1);
    CHECK_FALSE(line.outgoing.front(line.time).empty());
    line.outgoing.stop();
    CHECK(line.write_values() == zeros);
    CHECK(line.write().empty());
}

TEST_CASE("Zeros in a frame that another stop overtook are written again") {
    Line line;
    const auto size = line.outgoing.front(line.time).size();
    line.outgoing.written(3, line.time);
    line.outgoing.stop();
    CHECK(line.outgoing.written(size - 3, line.time));
    line.report(0, 0);
    CHECK(line.outgoing.stopping());
    CHECK(line.write_values() == zeros);
}

TEST_CASE("A new line begins with a whole frame") {
    Line line;
    (void)line.outgoing.front(line.time);
    line.outgoing.written(3, line.time);
    line.outgoing.new_line();
    CHECK(line.write_values() == zeros);
}

TEST_CASE("What says nothing new is no more than a device can read; a new value does not wait for it") {
    Line line;
    line.settle();
    line.command(0, 0.1F);
    CHECK(line.write_values() == ValueMap{{0, Value::of(0.1F).bits}});
    line.command(0, 0.1F);
    CHECK(line.write().empty());
    CHECK(line.outgoing.deadline() == line.time + command_period);
    SECTION("a repetition goes out in its time") {
        line.time += command_period;
        CHECK(line.write_values() == ValueMap{{0, Value::of(0.1F).bits}});
    }
    SECTION("a new value goes out at once, with the repetition") {
        line.command(1, 0.3F);
        CHECK(line.write_values() == ValueMap{{0, Value::of(0.1F).bits}, {1, Value::of(0.3F).bits}});
    }
    SECTION("a stop does not wait, and what follows it is new") {
        line.outgoing.stop();
        CHECK(line.write_values() == zeros);
        line.command(0, 0.1F);
        CHECK(line.write_values() == ValueMap{{0, Value::of(0.1F).bits}});
    }
    SECTION("new values without end run ahead by the burst alone") {
        int frames = 1;
        for (int i = 0; i < 100; ++i) {
            line.command(0, 0.2F + 0.001F * static_cast<float>(i));
            frames += line.write().empty() ? 0 : 1;
        }
        CHECK(frames == 1 + command_burst);
        CHECK(line.outgoing.deadline() == line.time + command_period);
    }
}

TEST_CASE("On a slow line commands wait here, where a stop passes them and a newer one replaces them") {
    Line line(test::koala_bear, 11520);
    line.settle();
    line.time += second;
    line.command(0, 0.5F);
    const Bytes first = line.write();
    REQUIRE_FALSE(first.empty());
    line.command(0, 0.6F);
    CHECK(line.write().empty());
    const Nanoseconds free = line.time + static_cast<Nanoseconds>(first.size()) * second / 11520;
    CHECK(line.outgoing.deadline() == free);
    line.command(0, 0.7F);
    CHECK(line.coalesced == 1);
    line.time = line.outgoing.deadline();
    CHECK(line.write_values() == ValueMap{{0, Value::of(0.7F).bits}});
    line.command(0, 0.8F);
    line.outgoing.stop();
    CHECK(line.write_values() == zeros);
}
