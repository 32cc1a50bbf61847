#include <catch2/catch.hpp>

#include "tests/unit/dev_handler/outgoing_line.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
using namespace runtime::test;
using wire::ValueMap;

TEST_CASE("The latest command wins, and what it replaces is counted") {
    OutgoingLine line;
    line.settle();
    line.command(0, 0.1F);
    line.command(0, 0.2F);
    line.command(1, 0.3F);
    CHECK(line.coalesced == 1);
    CHECK(line.write_values() == ValueMap{{0, Value::of(0.2F).bits}, {1, Value::of(0.3F).bits}});
    CHECK(line.write().empty());
}

TEST_CASE("A command for the value that was sent last is sent again") {
    OutgoingLine line;
    line.settle();
    for (int i = 0; i < 3; ++i) {
        REQUIRE(line.outgoing.command(7, Value::of(0), line.coalesced));  // resets an encoder
        CHECK(line.write_values() == ValueMap{{7, 0}});
        line.time += command_period;
    }
}

TEST_CASE("What cannot be written is refused") {
    OutgoingLine line(test::polar_bear);
    CHECK_FALSE(line.outgoing.command(1, Value::of(1.0F), line.coalesced));
    CHECK_FALSE(line.outgoing.command(3, Value::of(1.0F), line.coalesced));
    CHECK_FALSE(line.outgoing.command(31, Value::of(1.0F), line.coalesced));
    line.outgoing.disconnect();
    CHECK_FALSE(line.outgoing.command(0, Value::of(1.0F), line.coalesced));
}

TEST_CASE("A frame that the kernel took in part is completed before anything else") {
    OutgoingLine line;
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
    OutgoingLine line;
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

TEST_CASE("A new line begins with a whole frame") {
    OutgoingLine line;
    (void)line.outgoing.front(line.time);
    line.outgoing.written(3, line.time);
    line.outgoing.new_line();
    CHECK(line.write_values() == zeros);
}

TEST_CASE("What says nothing new is no more than a device can read, and a new value does not wait for it") {
    OutgoingLine line;
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
    OutgoingLine line(test::koala_bear, 11520);
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
