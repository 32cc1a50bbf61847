#include <catch2/catch.hpp>

#include "shm_wrapper/log_ring.hpp"
#include "tests/scenario/dev_handler/test_bench.hpp"
#include "tests/scenario/dev_handler/upper_daemons.hpp"
#include "tests/support/fake_device.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

constexpr std::size_t velocity_b = 8;

Process start_dev_handler(const Robot& robot) {
    Process daemon = robot.start("dev_handler", {"--ports", robot.directory() + "/tty*"});
    REQUIRE(daemon.wait_for_output("ready"));
    return daemon;
}

wire::ValueMap motors(float a, float b) {
    return {{velocity_a, Value::of(a).bits}, {velocity_b, Value::of(b).bits}};
}

}  // namespace

TEST_CASE("A device is asked with RST and PING, identified, and its values appear in shared memory") {
    const Robot robot;
    UpperDaemons upper(robot.instance());
    FakeDevice device(robot.directory() + "/ttyACM0", upper.type(koala_bear), uid);
    Process daemon = start_dev_handler(robot);

    const auto first = device.read();
    REQUIRE(first);
    CHECK(first->id == wire::reset);
    CHECK(first->payload.empty());
    REQUIRE(device.acknowledge());
    const std::size_t slot = upper.slot_of(koala_bear, uid);
    const DeviceIdentity identity = upper.devices().slots[slot].identity.read();
    CHECK(identity.generation == 1);
    CHECK(identity.year == 26);
    CHECK(std::string(identity.port.data()) == device.path());

    device.send({{velocity_a, Value::of(0.5F).bits}, {2, 1}});
    const auto& cell = upper.devices().slots[slot].data;
    REQUIRE(wait_until([&] { return cell.read().received == 0b101; }));
    const DeviceData data = cell.read();
    CHECK(data.generation == identity.generation);
    CHECK(data.values[velocity_a].floating() == 0.5F);
    CHECK(data.values[2].boolean());
    CHECK(data.time > 0);
    CHECK(daemon.stop() == 0);
    CHECK(device.bad_frames() == 0);
}

TEST_CASE("A command reaches the device through an open gate, and IDLE stops the motor at once") {
    const Robot robot;
    UpperDaemons upper(robot.instance());
    FakeDevice device(robot.directory() + "/ttyACM0", upper.type(koala_bear), uid);
    Process daemon = start_dev_handler(robot);
    REQUIRE(device.acknowledge());
    const std::size_t slot = upper.slot_of(koala_bear, uid);

    // Whatever it did before, a device that has just connected stands still.
    CHECK(device.next_write() == motors(0, 0));
    stand_still(upper, device, slot);

    upper.start_run();
    upper.command(slot, velocity_a, Value::of(0.75F));
    CHECK(device.next_write() == wire::ValueMap{{velocity_a, Value::of(0.75F).bits}});
    device.send(motors(0.75F, 0));

    upper.stop_run();
    CHECK(device.next_write() == motors(0, 0));
    // Repeated until the device shows that it has taken it; its other motor may have been seen at rest
    // already.
    const auto again = device.next_write();
    REQUIRE(again);
    CHECK(again->at(velocity_a) == 0);
    device.send(motors(0, 0));
    const auto& statistics = upper.devices().slots[slot].statistics;
    REQUIRE(wait_until([&] { return statistics.read().frames_received == 4; }));
    device.drain();
    CHECK_FALSE(device.next_write(100ms));

    // Commands are not for later: what came while the gate was closed is gone.
    upper.command(slot, velocity_a, Value::of(0.25F));
    REQUIRE(wait_until([&] { return statistics.read().writes_refused == 1; }));
    upper.start_run();
    upper.command(slot, velocity_b, Value::of(-0.5F));
    CHECK(device.next_write() == wire::ValueMap{{velocity_b, Value::of(-0.5F).bits}});
    CHECK(daemon.stop() == 0);
}

TEST_CASE("The end of dev_handler stops the motors, resets the devices and shows them as gone") {
    const Robot robot;
    UpperDaemons upper(robot.instance());
    FakeDevice device(robot.directory() + "/ttyACM0", upper.type(koala_bear), uid);
    Process daemon = start_dev_handler(robot);
    REQUIRE(device.acknowledge());
    const std::size_t slot = upper.slot_of(koala_bear, uid);
    CHECK(device.next_write() == motors(0, 0));
    stand_still(upper, device, slot);
    upper.start_run();
    upper.command(slot, velocity_a, Value::of(1.0F));
    CHECK(device.next_write() == wire::ValueMap{{velocity_a, Value::of(1.0F).bits}});

    CHECK(daemon.stop() == 0);
    CHECK(device.next_write() == motors(0, 0));
    CHECK(device.read_until(wire::reset));
    CHECK_FALSE(upper.connected(koala_bear, uid));
    CHECK(device.bad_frames() == 0);
}

TEST_CASE("An empty pattern of ports is refused with the options, in one line") {
    const Result refused = run({"dev_handler", "--instance", "not_started", "--ports", ""});
    CHECK(refused.status == 2);
    CHECK(refused.output == "dev_handler: --ports has an empty pattern; see dev_handler --help\n");
}

TEST_CASE("dev_handler does not start with device types that are not published yet") {
    const Robot robot;
    const std::string name = block_name(robot.instance(), TypesBlock::name);
    unlink_block(name);
    create(name, TypesBlock::layout_version, sizeof(TypesBlock));
    Process daemon = robot.start("dev_handler", {"--ports", robot.directory() + "/tty*"});
    CHECK(daemon.wait() == 1);
    CHECK(daemon.output().find(name + ": is not finished; run shm_start") != std::string::npos);
}
