#include <catch2/catch.hpp>

#include "tests/unit/dev_handler/outgoing_line.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
using namespace runtime::test;
using wire::ValueMap;

TEST_CASE("A device that connects gets zeros, repeated every 10 ms until it shows that it has taken them") {
    OutgoingLine line;
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
    OutgoingLine line;
    line.report(0, 0);
    CHECK(line.outgoing.stopping());
    CHECK(line.write_values() == zeros);
    line.report(0, 0);
    CHECK_FALSE(line.outgoing.stopping());
}

TEST_CASE("A motor that turns though nothing but zero was commanded since the last stop is stopped again") {
    OutgoingLine line;
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
    OutgoingLine line;
    line.settle();
    line.command(0, 0.5F);
    line.write();
    line.report(0.4F, 0);
    CHECK_FALSE(line.outgoing.stopping());
    CHECK(line.outgoing.deadline() == never);
}

TEST_CASE("A commanded zero waits its turn, and then is repeated until the device shows it") {
    OutgoingLine line;
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
    OutgoingLine line;
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
    OutgoingLine line;
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
    OutgoingLine line(test::koala_bear, 11520);
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
    OutgoingLine line;
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

TEST_CASE(
    "A zero for a parameter that is not reported is written ten times, also while another is repeated") {
    DeviceType type = field_type(test::koala_bear);
    type.parameters[0].read = false;
    type.parameters[8].read = false;
    OutgoingLine line(type);
    const auto write_due = [&] {
        line.time = line.outgoing.deadline();
        return line.write_values().value_or(ValueMap{});
    };
    while (line.outgoing.stopping())
        REQUIRE(write_due() == zeros);
    line.command(0, 0.0F);
    for (int i = 0; i < unreported_stops - 1; ++i)
        REQUIRE(write_due() == ValueMap{{0, 0}});
    line.command(8, 0.0F);
    std::size_t written = 0;
    while (line.outgoing.deadline() != never)
        written += write_due().count(8);
    CHECK(written == unreported_stops);
}

TEST_CASE("A device without stop parameters gets no zeros") {
    OutgoingLine line(test::servo_control);
    CHECK(line.write().empty());
    line.outgoing.stop();
    CHECK(line.write().empty());
}

TEST_CASE("A stop drops every command that waits and goes before everything else") {
    OutgoingLine line;
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
    OutgoingLine line;
    line.command(0, 0.5F);
    CHECK(line.write_values() == ValueMap{{8, 0}});
    CHECK(line.write_values() == ValueMap{{0, Value::of(0.5F).bits}});
}

TEST_CASE("Zeros in a frame that another stop overtook are written again") {
    OutgoingLine line;
    const auto size = line.outgoing.front(line.time).size();
    line.outgoing.written(3, line.time);
    line.outgoing.stop();
    CHECK(line.outgoing.written(size - 3, line.time));
    line.report(0, 0);
    CHECK(line.outgoing.stopping());
    CHECK(line.write_values() == zeros);
}
