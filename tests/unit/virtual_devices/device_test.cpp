#include "tests/virtual_devices/device.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/virtual_devices/support.hpp"

namespace runtime::virtual_devices {

TEST_CASE("a device sends nothing until it is pinged") {
    Bench bench("LimitSwitch");
    bench.pass(3 * second);
    CHECK(bench.sent.empty());
}

TEST_CASE("the first PING is acknowledged, then data come, then texts") {
    Bench bench("DummyDevice");
    bench.host(MessageId::ping);
    REQUIRE(bench.sent.size() == 1);
    CHECK(payload_of(bench.sent[0]) ==
          std::vector<std::uint8_t>{0x00, 13, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01});
    bench.pass(2 * millisecond);
    REQUIRE(bench.sent.size() >= 5);
    CHECK(bench.sent[0].id == MessageId::acknowledgement);
    CHECK(bench.sent[1].id == MessageId::device_data);
    CHECK(bench.sent[2].id == MessageId::log);
    CHECK(bench.sent[3].id == MessageId::log);
    CHECK(bench.sent[4].id == MessageId::device_data);
    CHECK(payload_of(bench.sent[2]).back() == 0);
}

TEST_CASE("a PING to an enabled device only feeds its watchdog") {
    Bench bench("LimitSwitch");
    bench.host(MessageId::ping);
    for (int i = 0; i < 10; ++i) {
        bench.pass(900 * millisecond);
        bench.host(MessageId::ping);
    }
    CHECK(bench.count(MessageId::acknowledgement) == 1);
    CHECK(bench.count(MessageId::reset) == 0);
    CHECK(bench.device.received().pings == 11);
}

TEST_CASE("about a thousand DEVICE_DATA go out a second") {
    Bench bench("LimitSwitch");
    bench.host(MessageId::ping);
    bench.pass(millisecond);
    bench.sent_in(500 * millisecond);
    CHECK(bench.count(MessageId::device_data) == 500);
}

TEST_CASE("the watchdog resets the device a second after the host was last heard, and says so once") {
    Bench bench("KoalaBear");
    bench.host(MessageId::ping);
    bench.pass(100 * millisecond);
    bench.host(MessageId::device_write, Payload().integer(1).floating(0.5F));
    bench.pass(999 * millisecond);
    CHECK(bench.device.enabled());
    CHECK(bench.floating("velocity_a") == 0.5F);
    const auto last = bench.sent_in(5 * millisecond);
    REQUIRE_FALSE(last.empty());
    CHECK(last.back().id == MessageId::reset);
    CHECK(bench.count(MessageId::reset) == 1);
    CHECK_FALSE(bench.device.enabled());
    CHECK(bench.floating("velocity_a") == 0.0F);
    CHECK(bench.sent_in(2 * second).empty());
}

TEST_CASE("a DEVICE_WRITE feeds the watchdog, too") {
    Bench bench("ServoControl");
    bench.host(MessageId::ping);
    for (int i = 0; i < 5; ++i) {
        bench.pass(900 * millisecond);
        bench.host(MessageId::device_write, Payload().integer(1).floating(0.1F));
    }
    CHECK(bench.device.enabled());
}

TEST_CASE("RST from the host silences a device without an answer, and the next PING is acknowledged") {
    Bench bench("LimitSwitch");
    bench.host(MessageId::ping);
    bench.pass(10 * millisecond);
    bench.sent.clear();
    bench.host(MessageId::reset);
    bench.pass(2 * second);
    CHECK(bench.sent.empty());
    bench.host(MessageId::ping);
    CHECK(bench.count(MessageId::acknowledgement) == 1);
}

TEST_CASE("a write before the first PING is applied and not answered") {
    Bench bench("ServoControl");
    bench.host(MessageId::device_write, Payload().integer(2).floating(0.25F));
    CHECK(bench.floating("servo1") == 0.25F);
    bench.pass(second);
    CHECK(bench.sent.empty());
    CHECK(bench.device.received().writes == 1);
    CHECK(bench.device.received().parameters[1].count == 1);
}

TEST_CASE("a read-only parameter consumes no bytes of a write") {
    Bench bench("PolarBear");
    // motor_current is read only: deadband gets the value that was meant for it.
    bench.host(MessageId::device_write, Payload().integer(0b110).floating(0.5F).floating(0.75F));
    CHECK(bench.floating("deadband") == 0.5F);
}

TEST_CASE("bits of 15 and above count as parameter 15") {
    Bench bench("KoalaBear");
    bench.host(MessageId::device_write, Payload().integer(0x40000000).integer(77));
    CHECK(bench.integer("enc_b") == 77);
    bench.host(MessageId::device_write, Payload().integer(0xFFFF8000).integer(78).integer(79));
    CHECK(bench.integer("enc_b") == 78);
}

TEST_CASE("a type of more than 16 parameters has all 32 bits") {
    Bench bench("GeneralTestDevice");
    bench.host(MessageId::device_write, Payload().integer(0x80010000).integer(77).boolean(1));
    CHECK(bench.integer("RED_INT") == 77);
    CHECK(bench.integer("YELLOW_BOOL") == 1);
    CHECK(data_bitmap(field_type("GeneralTestDevice")) == 0xFFFFFFFF);
    CHECK(surplus_bytes(field_type("GeneralTestDevice")) == 0);
}

TEST_CASE("a write that is too short for its bitmap writes what it holds") {
    Bench bench("ServoControl");
    bench.host(MessageId::device_write, Payload().integer(3).floating(0.5F));
    CHECK(bench.floating("servo0") == 0.5F);
    CHECK(bench.floating("servo1") == 0.0F);
    bench.host(MessageId::device_write, Payload().boolean(1));
    CHECK(bench.device.received().writes == 2);
}

TEST_CASE("the bitmaps carry the false bits of real firmware") {
    CHECK(data_bitmap(field_type("DummyDevice")) == 0xFFFFF03F);
    CHECK(data_bitmap(field_type("KoalaBear")) == 0xFFFFFFFF);
    CHECK(data_bitmap(field_type("LimitSwitch")) == 0x7);
    CHECK(data_bitmap(field_type("PDB")) == 0xFFFFFFFF);
    CHECK(surplus_bytes(field_type("PDB")) == 92);
    CHECK(data_bitmap(field_type("UltrasonicSensor")) == 0xFFFFFFFF);
    CHECK(surplus_bytes(field_type("UltrasonicSensor")) == 124);
}

TEST_CASE("a KoalaBear is silent for 100 ms after its acknowledgement") {
    Bench bench("KoalaBear");
    bench.host(MessageId::ping);
    bench.pass(99 * millisecond);
    CHECK(bench.sent.size() == 1);
    bench.pass(2 * millisecond);
    CHECK(bench.count(MessageId::device_data) >= 1);
}

TEST_CASE("a disabled device dies at the tenth bad frame") {
    Bench bench("LimitSwitch");
    const Frame bad = make_frame(MessageId::log, {}, 0x5A);
    for (int i = 0; i < 9; ++i)
        bench.host_bytes(bad.view());
    CHECK_FALSE(bench.device.dead());
    SECTION("and then answers nothing any more") {
        bench.host_bytes(bad.view());
        CHECK(bench.device.dead());
        bench.host(MessageId::ping);
        bench.pass(second);
        CHECK(bench.sent.empty());
    }
    SECTION("but one that is enabled before gets rid of its texts") {
        bench.host(MessageId::reset);
        CHECK_FALSE(bench.device.dead());
        for (int i = 0; i < 100; ++i) {
            bench.host(MessageId::ping);
            bench.pass(2 * millisecond);
            bench.host_bytes(bad.view());
        }
        CHECK_FALSE(bench.device.dead());
    }
}

TEST_CASE("a message that no device knows counts as bad") {
    Bench bench("LimitSwitch");
    bench.host(MessageId::device_data, Payload().integer(0));
    bench.host(static_cast<MessageId>(0x77));
    CHECK(bench.device.received().bad_frames == 2);
}

TEST_CASE("a device that got half a frame stands still for a second") {
    Bench bench("LimitSwitch");
    bench.host(MessageId::ping);
    bench.pass(100 * millisecond);
    bench.host_bytes(make_frame(MessageId::ping, {}).view().first(4));
    CHECK(bench.sent_in(900 * millisecond).empty());
    const auto later = bench.sent_in(200 * millisecond);
    REQUIRE_FALSE(later.empty());
    CHECK(later.back().id == MessageId::reset);
}

TEST_CASE("defects: an unknown type, a wrong checksum, a loop that stands still, a UART, no watchdog") {
    Bench bench("PDB");
    SECTION("unknown type") {
        bench.device.defects().announced_type = 200;
        bench.host(MessageId::ping);
        CHECK(payload_of(bench.sent.at(0)).at(0) == 200);
    }
    SECTION("wrong checksum") {
        bench.device.defects().wrong_checksum = true;
        bench.host(MessageId::ping);
        CHECK(payload_of(bench.sent.at(0)).empty());
    }
    SECTION("stall") {
        bench.device.defects().stall = 300 * millisecond;
        bench.host(MessageId::ping);
        bench.pass(900 * millisecond);
        CHECK(bench.count(MessageId::device_data) == 3);
    }
    SECTION("uart: as often as was recorded") {
        bench.device.defects().uart = true;
        bench.host(MessageId::ping);
        bench.pass(900 * millisecond);
        CHECK(bench.count(MessageId::device_data) > 70);
        CHECK(bench.count(MessageId::device_data) < 90);
    }
    SECTION("no watchdog") {
        bench.device.defects().no_watchdog = true;
        bench.host(MessageId::ping);
        bench.pass(3 * second);
        CHECK(bench.device.enabled());
        CHECK(bench.count(MessageId::reset) == 0);
    }
}

TEST_CASE("a value that is pretended is reported until it is taken back") {
    Bench bench("LineFollower");
    bench.world.surroundings().line = {0.5F, 0.5F, 0.5F};
    bench.host(MessageId::ping);
    bench.device.pretend(1, Value::of(0.125F));
    bench.pass(millisecond);
    CHECK(bench.floating("center") == 0.125F);
    const Payload expected = Payload().integer(7).floating(0.5F).floating(0.125F).floating(0.5F);
    CHECK(std::ranges::equal(payload_of(bench.sent.at(1)), std::span<const std::uint8_t>(expected)));
    bench.device.pretend(1, std::nullopt);
    CHECK(bench.floating("center") == 0.5F);
}

}  // namespace runtime::virtual_devices
