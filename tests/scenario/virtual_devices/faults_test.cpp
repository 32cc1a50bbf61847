#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/scenario/virtual_devices/host.hpp"
#include "tests/support/process_table.hpp"
#include "tests/support/virtual_devices.hpp"

namespace runtime::test {

using virtual_devices::MessageId;

TEST_CASE("an unplugged device's port hangs up and is gone, and comes back where it is told to") {
    const Robot robot;
    VirtualDevices devices(robot, {"LimitSwitch"});
    {
        Host host(devices.port(0));
        REQUIRE(host.send(MessageId::ping));
        REQUIRE(host.await(MessageId::acknowledgement));
        devices.command("unplug 0");
        CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(devices.port(0))));
        CHECK_FALSE(host.await(MessageId::acknowledgement));
        CHECK_FALSE(host.drain());
    }
    devices.command("replug 0");
    {
        Host host(devices.port(0));
        REQUIRE(host.send(MessageId::ping));
        CHECK(host.await(MessageId::acknowledgement));
    }
    devices.command("replug 0 ttyVIRTUAL7");
    CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(devices.port(0))));
    Host host(devices.port(7));
    REQUIRE(host.send(MessageId::ping));
    CHECK(host.await(MessageId::acknowledgement));
}

TEST_CASE("a device can be plugged and unplugged any number of times without leaking descriptors") {
    const Robot robot;
    VirtualDevices devices(robot, {"LimitSwitch"});
    const auto before = open_descriptors(devices.process().pid());
    for (int i = 0; i < 200; ++i) {
        devices.command("unplug 0");
        devices.command("replug 0");
    }
    CHECK(open_descriptors(devices.process().pid()) == before);
}

TEST_CASE("a silent device receives, and nothing comes from it") {
    const Robot robot;
    VirtualDevices devices(robot, {"LimitSwitch@silence"});
    Host host(devices.port(0));
    REQUIRE(host.send(MessageId::ping));
    REQUIRE(devices.await(0, "enabled == 1"));
    REQUIRE(devices.await(0, "enabled == 0"));
    CHECK_FALSE(host.await(MessageId::device_data, 1ms));
    CHECK(devices.ask("frames 0")["sent"]["silenced"] > 10);
    devices.command("silence 0 off");
    REQUIRE(host.send(MessageId::ping));
    CHECK(host.await(MessageId::acknowledgement));
}

TEST_CASE("corrupted frames and wrong checksums are refused by the host and counted here") {
    const Robot robot;
    const std::string fault = GENERATE("corruption=1", "wrong-checksum");
    VirtualDevices devices(robot, {"DummyDevice@" + fault});
    Host host(devices.port(0));
    REQUIRE(host.send(MessageId::ping));
    REQUIRE(devices.await(0, "enabled == 1"));
    REQUIRE(devices.await(0, "enabled == 0"));
    CHECK_FALSE(host.await(MessageId::acknowledgement, 1ms));
    CHECK(host.unsound() > 10);
    const auto sent = devices.ask("frames 0")["sent"];
    CHECK(sent["corrupted"] > 10);
    CHECK(sent["frames"] == 0);
}

TEST_CASE("a device can acknowledge with a type that does not exist") {
    const Robot robot;
    VirtualDevices devices(robot, {"LimitSwitch@unknown-type=200"});
    Host host(devices.port(0));
    REQUIRE(host.send(MessageId::ping));
    const auto acknowledgement = host.await(MessageId::acknowledgement);
    REQUIRE(acknowledgement);
    CHECK(acknowledgement->at(0) == 200);
}

TEST_CASE("a flooding device sends far more than a line carries, and still answers") {
    const Robot robot;
    VirtualDevices devices(robot, {"DummyDevice@flood"});
    Host host(devices.port(0));
    for (int i = 0; i < 3000; ++i)
        REQUIRE(host.await(MessageId::device_data));
    REQUIRE(host.send(MessageId::ping));
    CHECK(devices.await(0, "enabled == 1"));
}

TEST_CASE("a device that stops reading fills the port, and takes it all in when it reads again") {
    const Robot robot;
    VirtualDevices devices(robot, {"ServoControl@stop-reading"});
    const Host host(devices.port(0));
    unsigned written = 0;
    while (host.send(MessageId::ping))
        ++written;
    CHECK(written > 100);
    CHECK(devices.ask("frames 0")["received"]["pings"] == 0);
    devices.command("stop-reading 0 off");
    CHECK(devices.await(0, "pings >= " + std::to_string(written)));
}

TEST_CASE("a board that restarts on opening is deaf and silent for a while") {
    const Robot robot;
    VirtualDevices devices(robot, {"KoalaBear@boot-silence=300"});
    const Nanoseconds before = now();
    Host host(devices.port(0));
    Nanoseconds acknowledged = 0;
    for (int i = 0; i < 1000 && acknowledged == 0; ++i) {
        REQUIRE(host.send(MessageId::ping));
        if (host.await(MessageId::acknowledgement, 20ms))
            acknowledged = now();
    }
    REQUIRE(acknowledged != 0);
    CHECK(acknowledged - before >= 300 * millisecond);
}

TEST_CASE("a device can reset itself, be switched off and on, and say whatever it is told to") {
    const Robot robot;
    VirtualDevices devices(robot, {"PolarBear"});
    // It disables the device, too.
    devices.command("no-watchdog 0");
    Host host(devices.port(0));
    REQUIRE(host.send(MessageId::ping));
    REQUIRE(host.await(MessageId::acknowledgement));
    REQUIRE(host.await(MessageId::log));
    devices.command("say 0 a text  with two blanks");
    const auto text = host.await(MessageId::log);
    REQUIRE(text);
    CHECK(std::string(text->begin(), text->end()) == std::string("a text  with two blanks\0", 24));
    devices.command("reset 0");
    CHECK(host.await(MessageId::reset));
    CHECK(devices.ask("device 0")["enabled"] == false);
    devices.command("raw 0 000402010201");
    CHECK(host.await(MessageId::ping));
    REQUIRE(host.send(MessageId::device_write, write_of(2, 0.75F)));
    REQUIRE(devices.await(0, "deadband == 0.75"));
    devices.command("power-cycle 0");
    CHECK(devices.ask("values 0")["deadband"] == 0.05);
}

TEST_CASE("a host that does not read gets truncated frames, and every frame is accounted for") {
    const Robot robot;
    VirtualDevices devices(robot, {"GeneralTestDevice"});
    Host host(devices.port(0));
    bool full = false;
    for (int i = 0; i < 40 && !full; ++i) {
        REQUIRE(host.send(MessageId::ping));
        full = devices.await(0, "dropped > 0", 500ms) != 0;
    }
    CHECK(full);
    CHECK(devices.ask("frames 0")["sent"]["truncated"] > 0);
    REQUIRE(devices.await(0, "enabled == 0"));
    // What was whole when it went out arrives whole.
    const auto sent = devices.ask("frames 0")["sent"];
    std::size_t received = 0;
    while (received < sent["data"] && host.await(MessageId::device_data))
        ++received;
    CHECK(received == sent["data"]);
    CHECK_FALSE(host.await(MessageId::device_data, 100ms));
}

}  // namespace runtime::test
