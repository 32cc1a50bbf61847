#include "tests/virtual_devices/frames.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

namespace runtime::virtual_devices {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const Frame& frame) {
    return {frame.view().begin(), frame.view().end()};
}

}  // namespace

TEST_CASE("an empty message is framed as the recordings show it") {
    CHECK(bytes_of(make_frame(MessageId::ping, {})) == Bytes{0x00, 0x04, 0x02, 0x01, 0x02, 0x01});
    CHECK(bytes_of(make_frame(MessageId::reset, {})) == Bytes{0x00, 0x04, 0x02, 0x06, 0x02, 0x06});
}

TEST_CASE("a frame holds no zero but its delimiter, and decodes to what was put in") {
    for (std::size_t size = 0; size <= max_payload; ++size) {
        for (const std::size_t step : {0U, 1U, 7U}) {
            Bytes payload(size);
            for (std::size_t i = 0; i < size; ++i)
                payload[i] = static_cast<std::uint8_t>(i * step % 5);
            const Frame frame = make_frame(MessageId::log, payload);
            const auto view = frame.view();
            REQUIRE(view.size() == size + 6);
            REQUIRE(view[0] == 0);
            REQUIRE(view[1] == view.size() - 2);
            REQUIRE(std::count(view.begin() + 1, view.end(), 0) == 0);
            MessageBuffer buffer;
            const auto message = decode(view.subspan(2), buffer);
            REQUIRE(message);
            CHECK(message->id == 0x05);
            CHECK(std::ranges::equal(message->payload, payload));
        }
    }
}

TEST_CASE("the largest frame has 138 bytes, and a longer payload is cut to it") {
    const Bytes payload(200, 0x11);
    CHECK(make_frame(MessageId::device_data, payload).size == 138);
}

TEST_CASE("a frame with any one byte changed is refused") {
    const Bytes payload{1, 0, 2, 0, 0, 3};
    const Frame frame = make_frame(MessageId::device_write, payload);
    for (std::size_t i = 2; i < frame.size; ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            Frame changed = frame;
            changed.bytes[i] = static_cast<std::uint8_t>(changed.bytes[i] ^ (1 << bit));
            MessageBuffer buffer;
            const auto message = decode(changed.view().subspan(2), buffer);
            CHECK_FALSE(message);
        }
    }
}

TEST_CASE("what is too short, too long or cut off is refused") {
    MessageBuffer buffer;
    CHECK_FALSE(decode({}, buffer));
    for (std::size_t size = 1; size <= 255; ++size)
        CHECK_FALSE(decode(Bytes(size, 0xFF), buffer));
    const Frame frame = make_frame(MessageId::log, Bytes{1, 2, 3});
    for (std::size_t size = 0; size < frame.size - 2; ++size)
        CHECK_FALSE(decode(frame.view().subspan(2, size), buffer));
}

TEST_CASE("a checksum error makes a frame that is refused") {
    MessageBuffer buffer;
    CHECK_FALSE(decode(make_frame(MessageId::log, Bytes{1, 2}, 0x5A).view().subspan(2), buffer));
}

}  // namespace runtime::virtual_devices
