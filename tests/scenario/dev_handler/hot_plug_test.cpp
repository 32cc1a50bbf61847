#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/scenario/dev_handler/patient_device.hpp"
#include "tests/scenario/dev_handler/test_bench.hpp"
#include "tests/support/process_table.hpp"

using namespace runtime;
using namespace runtime::test;

TEST_CASE("A hundred unplugs and replugs under the same name leave one connected device and no descriptor") {
    Bench bench;
    const auto before = open_descriptors(bench.daemon.pid());
    for (int i = 0; i < 100; ++i) {
        FakeDevice device(bench.port("ACM0"), bench.upper.type(limit_switch), uid);
        REQUIRE(device.acknowledge());
        const std::size_t slot = bench.upper.slot_of(limit_switch, uid);
        REQUIRE(bench.upper.devices().slots[slot].identity.read().generation == static_cast<unsigned>(i + 1));
        device.unplug();
        REQUIRE(bench.gone(limit_switch, uid));
    }
    CHECK(wait_until([&] { return open_descriptors(bench.daemon.pid()) == before; }));
}

TEST_CASE("A port that changes its name keeps its device's slot") {
    Bench bench;
    std::size_t slot = 0;
    {
        FakeDevice device(bench.port("ACM0"), bench.upper.type(limit_switch), uid);
        REQUIRE(device.acknowledge());
        slot = bench.upper.slot_of(limit_switch, uid);
    }
    REQUIRE(bench.gone(limit_switch, uid));
    FakeDevice device(bench.port("ACM1"), bench.upper.type(limit_switch), uid);
    REQUIRE(device.acknowledge());
    CHECK(bench.upper.slot_of(limit_switch, uid) == slot);
}

TEST_CASE("A port that appears where no event tells of it is found by the rescan") {
    const Robot robot;
    UpperDaemons upper(robot.instance());
    const std::string elsewhere = robot.directory() + "/elsewhere";
    std::filesystem::create_directory(elsewhere);
    std::filesystem::create_symlink(elsewhere + "/port", robot.directory() + "/ttyACM0");
    Process daemon = robot.start("dev_handler", {"--ports", robot.directory() + "/tty*"});
    REQUIRE(daemon.wait_for_output("ready: 0 ports"));
    FakeDevice device(elsewhere + "/port", upper.type(limit_switch), uid);
    REQUIRE(device.acknowledge());
    upper.slot_of(limit_switch, uid);
}

TEST_CASE("RST and silence end a connection, and the device comes back by itself") {
    const std::string how = GENERATE("RST", "silence", "a second acknowledgement");
    const std::uint8_t type = how == "silence" ? limit_switch : patient_type;
    CAPTURE(how);
    Bench bench(patient_description);
    FakeDevice device(bench.port("ACM0"), bench.upper.type(type), uid);
    REQUIRE(device.acknowledge());
    const std::size_t slot = bench.upper.slot_of(type, uid);
    device.send({{0, 1}});
    if (how == "RST")
        device.write(wire::encode(wire::reset, {}));
    else if (how != "silence")
        device.write(wire::acknowledge(type, uid));  // it has restarted
    REQUIRE(bench.gone(type, uid));
    // Its last values stay, but belong to a connection that is over.
    CHECK(bench.upper.devices().slots[slot].data.read().values[0].boolean());
    REQUIRE(device.read_until(wire::reset));
    REQUIRE(device.acknowledge());
    CHECK(bench.upper.slot_of(type, uid) == slot);
    CHECK(bench.upper.devices().slots[slot].identity.read().generation == 2);
    CHECK(bench.upper.devices().slots[slot].data.read().received == 0);
}

TEST_CASE("A device that was still streaming from an earlier opening connects at once") {
    Bench bench;
    FakeDevice device(bench.port("ACM0"), bench.upper.type(limit_switch), uid);
    device.send({{0, 1}});
    REQUIRE(device.read_until(wire::reset));
    device.send({{0, 1}});
    REQUIRE(device.acknowledge());
    bench.upper.slot_of(limit_switch, uid);
}

TEST_CASE("Foreign devices, unknown types and duplicates are named once and disturb nobody") {
    Bench bench;
    FakePort gps(bench.port("USB0"));
    FakePort unknown(bench.port("USB1"));
    FakeDevice device(bench.port("USB2"), bench.upper.type(limit_switch), uid);
    REQUIRE(device.acknowledge());
    bench.upper.slot_of(limit_switch, uid);
    REQUIRE(unknown.read_until(wire::ping));
    unknown.write(wire::acknowledge(200, 9));
    CHECK(bench.daemon.wait_for_output("has type 200"));
    CHECK(bench.refused().unknown_type == 1);
    CHECK(bench.refused().last != 0);
    FakeDevice twin(bench.port("USB3"), bench.upper.type(limit_switch), uid);
    REQUIRE(twin.acknowledge());
    CHECK(bench.daemon.wait_for_output("is connected on " + device.path() + " already"));
    CHECK(bench.refused().duplicate == 1);
    CHECK(bench.upper.connected(limit_switch, uid));
    const std::string sentence = "$GPGGA,123519,4807.038,N\r\n";
    CHECK(wait_until([&] {
        gps.write(Bytes(sentence.begin(), sentence.end()));
        gps.drain();
        device.send({{0, 1}});
        device.drain();
        return bench.daemon.wait_for_output("is not a device of this robot", 100ms);
    }));
    CHECK(bench.daemon.matched_line().find("$GPGGA") != std::string::npos);
    // The twin takes over as soon as the first is gone.
    device.unplug();
    REQUIRE(twin.acknowledge());
    REQUIRE(wait_until([&] { return bench.upper.connected(limit_switch, uid); }));
}

TEST_CASE("The 33rd device is refused and takes the first slot that becomes free") {
    Bench bench;
    std::vector<std::unique_ptr<FakeDevice>> devices;
    for (std::uint64_t id = 0; id < max_devices; ++id) {
        devices.push_back(std::make_unique<FakeDevice>(bench.port("ACM" + std::to_string(id)),
                                                       bench.upper.type(koala_bear), id));
        REQUIRE(devices.back()->acknowledge());
        bench.upper.slot_of(koala_bear, id);
        for (const auto& other : devices)
            other->send({{0, 0}, {8, 0}});
    }
    FakeDevice late(bench.port("ACM99"), bench.upper.type(koala_bear), 99);
    REQUIRE(late.acknowledge());
    // The others are not silent meanwhile, or a slot would become free.
    REQUIRE(wait_until([&] {
        for (const auto& other : devices)
            other->send({{0, 0}, {8, 0}});
        return bench.daemon.wait_for_output("6_99 (KoalaBear) on " + late.path() + " is refused", 50ms);
    }));
    CHECK(bench.refused().no_slot == 1);
    CHECK(bench.refused().duplicate == 0);
    const std::size_t slot = bench.upper.slot_of(koala_bear, 7);
    late.drain();
    devices[7]->unplug();
    REQUIRE(late.acknowledge());
    CHECK(bench.upper.slot_of(koala_bear, 99) == slot);
}

TEST_CASE("A board that restarts when its port is opened, and is silent for 2 s, connects") {
    Bench bench;
    FakeDevice device(bench.port("ACM0"), bench.upper.type(limit_switch), uid);
    constexpr int pings_in_two_seconds = 8;
    for (int i = 0; i < pings_in_two_seconds; ++i)
        REQUIRE(device.read_until(wire::ping));
    REQUIRE(device.acknowledge());
    bench.upper.slot_of(limit_switch, uid);
}
