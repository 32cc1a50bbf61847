#include "tests/virtual_devices/receiver.hpp"

#include <catch2/catch.hpp>

namespace runtime::virtual_devices {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Result = Receiver::Result;

const Frame ping = make_frame(MessageId::ping, {});

}  // namespace

TEST_CASE("frames that arrive together are read one by one") {
    Receiver receiver;
    receiver.push(ping.view());
    receiver.push(ping.view());
    Message message{};
    CHECK(receiver.next(1, message) == Result::message);
    CHECK(message.id == 0x01);
    CHECK(receiver.next(1, message) == Result::message);
    CHECK(receiver.next(1, message) == Result::nothing);
}

TEST_CASE("garbage before a delimiter is skipped, garbage without one is bad") {
    Receiver receiver;
    Message message{};
    receiver.push(Bytes{7, 8, 9});
    CHECK(receiver.next(1, message) == Result::bad);
    receiver.push(Bytes{7, 8, 9});
    receiver.push(ping.view());
    CHECK(receiver.next(1, message) == Result::message);
}

TEST_CASE("a delimiter that stays alone loses its frame") {
    Receiver receiver;
    Message message{};
    receiver.push(ping.view().first(1));
    CHECK(receiver.next(1, message) == Result::nothing);
    CHECK(receiver.next(1 + Receiver::lone_delimiter_limit, message) == Result::bad);
    receiver.push(ping.view().subspan(1));
    CHECK(receiver.next(2 * millisecond, message) == Result::bad);
    CHECK(receiver.next(2 * millisecond, message) == Result::nothing);
}

TEST_CASE("half a frame makes it wait, and the next frame is swallowed") {
    Receiver receiver;
    Message message{};
    receiver.push(ping.view().first(3));
    CHECK(receiver.next(1, message) == Result::nothing);
    CHECK(receiver.waiting());
    receiver.push(ping.view());
    CHECK(receiver.next(2, message) == Result::bad);
    CHECK_FALSE(receiver.waiting());
    // Three of the second frame's bytes were taken for the rest of the first.
    CHECK(receiver.next(2, message) == Result::bad);
    receiver.push(ping.view());
    CHECK(receiver.next(3, message) == Result::message);
}

TEST_CASE("half a frame is given up after a second") {
    Receiver receiver;
    Message message{};
    receiver.push(ping.view().first(4));
    CHECK(receiver.next(1, message) == Result::nothing);
    CHECK(receiver.next(second, message) == Result::nothing);
    CHECK(receiver.next(second + 1, message) == Result::bad);
    receiver.push(ping.view());
    CHECK(receiver.next(second + 2, message) == Result::message);
}

TEST_CASE("a flood beyond the buffer is lost without harm") {
    Receiver receiver;
    Message message{};
    const Bytes flood(100'000, 0x00);
    receiver.push(flood);
    int bad = 0;
    while (receiver.next(1, message) == Result::bad)
        ++bad;
    CHECK(bad > 4000);
    receiver.push(ping.view().subspan(1));  // behind the last delimiter of the flood
    CHECK(receiver.next(2, message) == Result::message);
}

}  // namespace runtime::virtual_devices
