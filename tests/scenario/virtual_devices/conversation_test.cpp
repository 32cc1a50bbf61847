#include <sys/ioctl.h>

#include <catch2/catch.hpp>

#include "tests/scenario/virtual_devices/host.hpp"
#include "tests/support/virtual_devices.hpp"

namespace runtime::test {

using virtual_devices::MessageId;

TEST_CASE("devices of every type answer a PING on their ports with their type and uid") {
    const Robot robot;
    const std::vector<std::string> types{"0", "1", "2", "3", "4", "5", "6", "7", "8", "60", "61", "62", "63"};
    VirtualDevices devices(robot, types);
    for (std::size_t i = 0; i < types.size(); ++i) {
        INFO("type " << types[i]);
        Host host(devices.port(i));
        REQUIRE(host.send(MessageId::ping));
        const auto acknowledgement = host.await(MessageId::acknowledgement);
        REQUIRE(acknowledgement);
        REQUIRE(acknowledgement->size() == 10);
        CHECK(std::to_string(acknowledgement->at(0)) == types[i]);
        CHECK(acknowledgement->at(2) == i + 1);
        CHECK(host.await(MessageId::device_data));
        CHECK(host.await(MessageId::log));
        CHECK(host.unsound() == 0);
    }
}

TEST_CASE("a test can ask a device what it has received, and when") {
    const Robot robot;
    VirtualDevices devices(robot, {"KoalaBear:123"});
    // Or it bites between two steps, where the machine is slow.
    devices.command("no-watchdog 0");
    const Host host(devices.port(0));
    REQUIRE(host.send(MessageId::ping));
    REQUIRE(devices.await(0, "enabled == 1"));
    const Nanoseconds before = now();
    REQUIRE(host.send(MessageId::device_write, write_of(0, 0.1F)));
    REQUIRE(devices.await(0, "velocity_a == 0.1"));
    const Nanoseconds after = now();

    const auto writes = devices.ask("writes 0");
    CHECK(writes["writes"] == 1);
    CHECK(writes["parameters"].size() == 1);
    CHECK(writes["parameters"]["velocity_a"]["value"] == 0.1);
    CHECK(writes["parameters"]["velocity_a"]["time"] >= before);
    CHECK(writes["parameters"]["velocity_a"]["time"] <= after);
    CHECK(devices.ask("values 0")["velocity_a"] == 0.1);
    CHECK(devices.ask("values 6_123")["velocity_a"] == 0.1);
    CHECK(devices.ask("frames 0")["received"]["pings"] == 1);
    CHECK(devices.await(0, "velocity_a == 2", 1ms) == 0);
}

TEST_CASE("a device's watchdog, seen from outside: it is disabled, and its motor stands") {
    const Robot robot;
    VirtualDevices devices(robot, {"KoalaBear"});
    const Host host(devices.port(0));
    // It takes a value before it is enabled, too, and has no watchdog until then.
    REQUIRE(host.send(MessageId::device_write, write_of(0, 0.1F)));
    REQUIRE(devices.await(0, "velocity_a == 0.1"));
    REQUIRE(host.send(MessageId::ping));
    REQUIRE(devices.await(0, "pings == 1"));
    REQUIRE(devices.await(0, "enabled == 0"));
    CHECK(devices.ask("values 0")["velocity_a"] == 0.0);
}

TEST_CASE("a host that restarts finds the device still enabled, and nothing stale in the port") {
    const Robot robot;
    VirtualDevices devices(robot, {"DummyDevice"});
    devices.command("no-watchdog 0");
    {
        Host first(devices.port(0));
        REQUIRE(first.send(MessageId::ping));
        REQUIRE(first.await(MessageId::acknowledgement));
        REQUIRE(devices.await(0, "data >= 50"));
        REQUIRE(ioctl(first.descriptor(), TIOCEXCL) == 0);
    }
    REQUIRE(devices.await(0, "open == 0"));
    Host second(devices.port(0));
    int exclusive = 1;
    REQUIRE(ioctl(second.descriptor(), TIOCGEXCL, &exclusive) == 0);
    CHECK(exclusive == 0);
    CHECK(devices.ask("device 0")["enabled"] == true);
    REQUIRE(second.send(MessageId::ping));
    REQUIRE(second.await(MessageId::device_data));
    CHECK(second.unsound() == 0);
    REQUIRE(second.send(MessageId::reset));
    REQUIRE(second.send(MessageId::ping));
    CHECK(second.await(MessageId::acknowledgement));
}

TEST_CASE("the devices of a whole robot share one world") {
    const Robot robot;
    VirtualDevices devices(robot, {}, {"--robot"});
    const auto list = devices.ask("list");
    REQUIRE(list.size() >= 7);
    CHECK(list[0]["type"] == "KoalaBear");
    Host motors(devices.port(0));
    REQUIRE(motors.send(MessageId::ping));
    REQUIRE(devices.await(0, "enabled == 1"));
    devices.command("place 1.8 1.8 0");
    const double start = devices.ask("world")["x"];
    std::vector<std::uint8_t> both = write_of(0, 1.0F);
    both[1] = 0x01;
    both.insert(both.end(), both.begin() + 4, both.end());
    REQUIRE(motors.send(MessageId::device_write, both));
    REQUIRE(devices.await(0, "enc_a > 200"));
    REQUIRE(devices.await(0, "enc_b > 200"));
    CHECK(devices.ask("world")["x"] > start);
}

}  // namespace runtime::test
