#include <catch2/catch.hpp>

#include "shm_wrapper/wire_ring.hpp"
#include "tests/support/robot.hpp"
#include "tests/support/wire.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

constexpr std::size_t slot = 3;

/// Plays dev_handler: writes its blocks.
struct Recorder {
    Robot robot;
    BlockReader<TypesBlock> types{robot.instance()};
    BlockWriter<DevicesBlock> devices{robot.instance()};
    BlockWriter<WireBlock> wire{robot.instance()};
    DeviceIdentity identity{};

    void connect(std::uint8_t type, std::uint64_t uid) {
        ++identity.generation;
        identity.type = type;
        identity.uid = uid;
        identity.connected = true;
        devices->slots[slot].identity.publish(identity);
    }
    void record(const wire::ValueMap& values) const {
        const DeviceType& type = *types->types.find(identity.type);
        record_frame(*wire, slot, WireDirection::from_device, identity,
                     wire::values(wire::device_data, type, values), true, now());
    }
    std::string shown(const std::vector<std::string>& arguments = {}) const {
        std::vector<std::string> command{"wire_log", "--instance", robot.instance()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const Result result = run(command);
        CHECK(result.status == 0);
        return result.output;
    }
};

}  // namespace

TEST_CASE_METHOD(Recorder, "The black box shows an earlier device of a slot as what it was") {
    connect(6, 1);
    record({{0, Value::of(0.5F).bits}});
    connect(1, 7);
    record({{0, 1}});
    const std::string all = shown();
    INFO(all);
    const auto earlier = all.find("6_1 (KoalaBear), slot 3, not connected; the slot has had another device");
    const auto velocity = all.find("DEVICE_DATA velocity_a=0.5");
    const auto present = all.find("1_7 (LimitSwitch), slot 3, connected on");
    const auto pressed = all.find("DEVICE_DATA switch0=true");
    REQUIRE(pressed != std::string::npos);
    CHECK(earlier < velocity);
    CHECK(velocity < present);
    CHECK(present < pressed);
    const std::string one = shown({"--device", "6_1"});
    CHECK(one.find("velocity_a=0.5") != std::string::npos);
    CHECK(one.find("LimitSwitch") == std::string::npos);
}

TEST_CASE_METHOD(Recorder, "The black box tells what a link has counted, and which devices were refused") {
    connect(6, 1);
    LinkStatistics link{};
    link.frames_received = 11;
    link.bad_checksums = 12;
    link.writes_refused = 13;
    devices->slots[slot].statistics.publish(link);
    devices->refused.publish({14, 15, 16, now()});
    const std::string all = shown();
    INFO(all);
    for (const char* expected :
         {"11 frames received", "12 bad checksums", "13 refused", "refused: 14 of an unknown type",
          "15 of a type and uid", "16 for want of a slot"})
        CHECK(all.find(expected) != std::string::npos);
}
