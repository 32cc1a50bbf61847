#include "dev_handler/connection.hpp"

#include <catch2/catch.hpp>

#include "tests/support/recording.hpp"
#include "tests/unit/dev_handler/test_types.hpp"
#include "tests/unit/start.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
using runtime::test::Bytes;
using runtime::test::field_type;
using runtime::test::start;
namespace wire = runtime::test::wire;
using Kind = ConnectionEvent::Kind;

namespace {

/// A connection and its clock.
struct Conversation {
    Connection connection{test::field_types()};
    Nanoseconds time = start;

    Conversation() { connection.open(time); }

    /// The kinds of the events that are not none.
    std::vector<ConnectionEvent> receive(const Bytes& bytes) {
        std::vector<ConnectionEvent> events;
        std::span<const std::uint8_t> rest(bytes);
        while (!rest.empty()) {
            const auto event = connection.receive(rest, time);
            if (event.kind != Kind::none)
                events.push_back(event);
        }
        return events;
    }
    Connection::Due advance(Nanoseconds by = 0) {
        time += by;
        return connection.advance(time);
    }
    void identify(std::uint8_t type = test::koala_bear, std::uint64_t uid = 5) {
        advance();
        REQUIRE(receive(wire::acknowledge(type, uid)).size() == 1);
        REQUIRE(connection.connected());
    }
    Bytes data() const {
        const DeviceType& type = *connection.type();
        return wire::values(wire::device_data, type, {{0, 0}});
    }
};

bool nothing(const Connection::Due& due) {
    return !due.reset && !due.ping && !due.lost;
}

}  // namespace

TEST_CASE("Opened: RST and PING are due at once, then PING every 250 ms for 5 s, then the port is given up") {
    Conversation talk;
    CHECK(talk.connection.state() == ConnectionState::opened);
    CHECK(talk.connection.deadline() == start);
    auto due = talk.advance();
    CHECK((due.reset && due.ping && !due.lost));
    CHECK(talk.connection.state() == ConnectionState::pinged);
    CHECK(nothing(talk.advance()));
    int pings = 0;
    while (true) {
        talk.time = talk.connection.deadline();
        due = talk.advance();
        if (due.lost)
            break;
        REQUIRE(due.ping);
        REQUIRE_FALSE(due.reset);
        REQUIRE(talk.time == start + ++pings * ping_period);
    }
    CHECK(pings == 19);
    CHECK(due.lost == LossReason::unanswered);
    CHECK(talk.time == start + ping_limit);
    CHECK(talk.connection.state() == ConnectionState::lost);
    CHECK(talk.connection.deadline() == never);
}

TEST_CASE("A delay puts off the first words") {
    Conversation talk;
    talk.connection.open(start, second);
    CHECK(nothing(talk.advance(second - 1)));
    const auto due = talk.advance(1);
    CHECK((due.reset && due.ping));
}

TEST_CASE("An acknowledgement identifies the device, and values make it active") {
    Conversation talk;
    talk.advance();
    talk.time += 3 * millisecond;
    const auto events = talk.receive(wire::acknowledge(test::koala_bear, 0x0123456789ABCDEF, 13));
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == Kind::identified);
    CHECK(events[0].acknowledgement.uid == 0x0123456789ABCDEF);
    CHECK(events[0].acknowledgement.type == test::koala_bear);
    CHECK(events[0].acknowledgement.year == 13);
    CHECK(talk.connection.state() == ConnectionState::identified);
    CHECK(talk.connection.since() == talk.time);
    CHECK(talk.connection.data().received == 0);

    talk.time += millisecond;
    const auto data = talk.receive(wire::values(wire::device_data, field_type(test::koala_bear),
                                                {{0, Value::of(0.25F).bits}, {15, Value::of(77).bits}}));
    REQUIRE(data.size() == 1);
    CHECK(data[0].kind == Kind::data);
    CHECK(data[0].reported == (1U | 1U << 15));
    CHECK(talk.connection.state() == ConnectionState::active);
    CHECK(talk.connection.data().values[15].integer() == 77);
    CHECK(talk.connection.data().time == talk.time);
    CHECK(talk.connection.statistics().frames_received == 2);
}

TEST_CASE("An acknowledgement that comes before our PING answers an earlier opening of the port") {
    Conversation talk;
    CHECK(talk.receive(wire::acknowledge(test::koala_bear, 5)).empty());
    CHECK(talk.connection.state() == ConnectionState::opened);
}

TEST_CASE("A device of an unknown type is lost, with its type for people to read") {
    Conversation talk;
    talk.advance();
    const auto events = talk.receive(wire::acknowledge(200, 5));
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == Kind::lost);
    CHECK(events[0].reason == LossReason::unknown_type);
    CHECK(events[0].acknowledgement.type == 200);
}

TEST_CASE("A device that streams without having acknowledged is reset again with the next PING") {
    Conversation talk;
    talk.advance();
    talk.receive(wire::values(wire::device_data, field_type(test::koala_bear), {{0, 0}}));
    CHECK(talk.connection.state() == ConnectionState::pinged);
    auto due = talk.advance(ping_period);
    CHECK((due.reset && due.ping));
    due = talk.advance(ping_period);
    CHECK((!due.reset && due.ping));
}

TEST_CASE("A device that streams until it acknowledges is not reset afterwards") {
    Conversation talk;
    talk.advance();
    talk.receive(wire::values(wire::device_data, field_type(test::koala_bear), {{0, 0}}));
    REQUIRE(talk.receive(wire::acknowledge(test::koala_bear, 5)).size() == 1);
    const auto due = talk.advance(ping_period);
    CHECK(due.ping);
    CHECK_FALSE(due.reset);
}

TEST_CASE("A connected device is pinged every 250 ms, and without catching up after a pause") {
    Conversation talk;
    talk.identify();
    for (int i = 0; i < 20; ++i) {
        talk.receive(talk.data());
        REQUIRE(nothing(talk.advance(ping_period - 1)));
        REQUIRE(talk.advance(1).ping);
    }
    talk.receive(talk.data());
    CHECK(talk.advance(900 * millisecond).ping);
    CHECK(nothing(talk.advance(ping_period / 4)));
}

TEST_CASE("A device is lost when nothing valid has come for a second and its type's extra silence") {
    for (const auto& [type, limit] :
         {std::pair{test::koala_bear, 1000}, std::pair{test::ultrasonic_sensor, 1700}}) {
        Conversation talk;
        talk.identify(type);
        const Nanoseconds end = talk.time + limit * millisecond;
        while (talk.connection.deadline() < end) {
            talk.time = talk.connection.deadline();
            REQUIRE_FALSE(talk.advance().lost);
        }
        // Bytes that are no frame are no sign of life.
        talk.time = end - 1;
        talk.receive({0x00, 0x04, 0x02, 0x07, 0x02, 0x07, 0x55});
        CHECK_FALSE(talk.advance().lost);
        CHECK(talk.advance(1).lost == LossReason::silence);
        CHECK(talk.connection.state() == ConnectionState::lost);
    }
}

TEST_CASE("DATA and LOG are signs of life") {
    Conversation talk;
    talk.identify();
    talk.time += 999 * millisecond;
    talk.receive(wire::text("I live"));
    CHECK_FALSE(talk.advance(999 * millisecond).lost);
    talk.receive(talk.data());
    CHECK_FALSE(talk.advance(999 * millisecond).lost);
    CHECK(talk.advance(millisecond).lost == LossReason::silence);
}

TEST_CASE("RST, or a second acknowledgement, is the end of the connection, and what follows is ignored") {
    for (const auto& [bytes, reason] :
         {std::pair{wire::encode(wire::reset, {}), LossReason::reset},
          std::pair{wire::acknowledge(test::koala_bear, 5), LossReason::restarted}}) {
        Conversation talk;
        talk.identify();
        Bytes input = bytes;
        const Bytes data = talk.data();
        input.insert(input.end(), data.begin(), data.end());
        const auto events = talk.receive(input);
        REQUIRE(events.size() == 1);
        CHECK(events[0].kind == Kind::lost);
        CHECK(events[0].reason == reason);
        CHECK(nothing(talk.advance(10 * second)));
        talk.connection.open(talk.time);
        const auto due = talk.advance();
        CHECK((due.reset && due.ping));
    }
}

TEST_CASE("Each fault of the line is dropped and counted under its kind") {
    Conversation talk;
    talk.identify();
    talk.time += millisecond;
    const auto& statistics = talk.connection.statistics();
    CHECK(statistics.last_error == 0);
    const auto dropped = [&](const Bytes& bytes) {
        REQUIRE(talk.receive(bytes).empty());
        CHECK(statistics.last_error == talk.time);
        REQUIRE(talk.receive(talk.data()).size() == 1);
    };
    dropped({0x41, 0x42});
    CHECK(statistics.resyncs == 1);
    dropped({0x00, 0x04, 0x02, 0x01, 0x02, 0x02});
    CHECK(statistics.bad_checksums == 1);
    dropped({0x00, 0x04, 0x02});
    dropped({0x00, 0xF0});
    dropped({0x00, 0x04, 0x09, 0x01, 0x01, 0x01});
    CHECK(statistics.bad_frames == 3);
    dropped(wire::encode(0x77, {}));                                   // no such id
    dropped(wire::encode(wire::ping, {}));                             // not for the host
    dropped(wire::encode(wire::device_write, {0, 0, 0, 0}));           // not for the host
    dropped(wire::encode(wire::log, {'n', 'o', ' ', 'N', 'U', 'L'}));  //
    dropped(wire::encode(wire::device_data, {1, 0, 0, 0, 5}));         // values missing
    dropped(wire::encode(wire::acknowledgement, {1, 2, 3}));           // too short to be one
    CHECK(statistics.bad_messages == 6);
    CHECK(talk.connection.connected());
}

TEST_CASE("Statistics begin when a conversation does: faults before the acknowledgement count") {
    Conversation talk;
    talk.advance();
    const Bytes acknowledgement = wire::acknowledge(test::koala_bear, 5);
    talk.receive({0x41, 0x42, 0x43});
    talk.receive(acknowledgement);
    const Bytes data = talk.data();
    talk.receive(data);
    CHECK(talk.connection.statistics().resyncs == 1);
    CHECK(talk.connection.statistics().frames_received == 2);
    CHECK(talk.connection.statistics().bytes_received == 3 + acknowledgement.size() + data.size());
    talk.connection.open(talk.time);
    CHECK(talk.connection.statistics().resyncs == 0);
    CHECK(talk.connection.statistics().bytes_received == 0);
}

TEST_CASE("What a foreign device sends is kept to be shown") {
    Conversation talk;
    talk.advance();
    const std::string gps = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M\r\n";
    for (const char character : gps)
        CHECK(talk.receive({static_cast<std::uint8_t>(character)}).empty());
    const auto& seen = talk.connection.unidentified();
    CHECK(seen.bytes == gps.size());
    CHECK(seen.sound_frames == 0);
    CHECK(std::string(seen.sample.begin(), seen.sample.end()) == gps.substr(0, seen.sample.size()));
}

TEST_CASE("Every recorded conversation is understood to the last frame") {
    for (const auto& device : test::recorded_devices) {
        const auto recording = test::Recording::load(device);
        Conversation talk;
        std::size_t identified = 0;
        std::size_t resets = 0;
        std::size_t others = 0;
        for (const auto& event : recording.events) {
            if (!event.from_device)
                continue;
            talk.time += millisecond;
            if (event.kind == "ACK")
                talk.advance();
            const auto events = talk.receive(event.frame);
            REQUIRE(events.size() == 1);
            if (events[0].kind == Kind::identified)
                ++identified;
            else if (events[0].kind == Kind::lost) {
                ++resets;
                talk.connection.open(talk.time);
            } else
                ++others;
        }
        CHECK(identified == 2);
        CHECK(resets == 1);
        CHECK(others > 200);
    }
}
