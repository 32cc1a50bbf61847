#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "tests/scenario/dev_handler/upper_daemons.hpp"
#include "tests/support/fake_device.hpp"

namespace runtime::test {

inline constexpr std::uint8_t limit_switch = 1;
inline constexpr std::uint8_t koala_bear = 6;
inline constexpr std::size_t velocity_a = 0;
inline constexpr std::uint64_t uid = 12345;
/// What stops a KoalaBear.
inline const wire::ValueMap zeros{{0, 0}, {8, 0}};

/// The device, which has just connected, shows that it stands still. Zeros that were repeated until that was
/// seen are forgotten.
inline void stand_still(const UpperDaemons& upper, FakeDevice& device, std::size_t slot) {
    device.send({{0, 0}, {8, 0}});
    // Its ACKNOWLEDGEMENT was the first.
    REQUIRE(wait_until([&] { return upper.devices().slots[slot].statistics.read().frames_received == 2; }));
    device.drain();
}

/// A dev_handler, with a test in the place of the daemons above it and of the devices below it.
struct Bench {
    Robot robot;
    UpperDaemons upper{robot.instance()};
    Process daemon = robot.start("dev_handler", {"--ports", robot.directory() + "/tty*"});

    /// `more_device_types`: as for Robot.
    explicit Bench(const std::string& more_device_types = "") : robot(more_device_types) {
        REQUIRE(daemon.wait_for_output("ready"));
    }
    ~Bench() { end_well({&daemon}); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    std::string port(const std::string& name) const { return robot.directory() + "/tty" + name; }
    const LinkStatistics statistics(std::size_t slot) const {
        return upper.devices().slots[slot].statistics.read();
    }
    RefusedDevices refused() const { return upper.devices().refused.read(); }
    /// A connected KoalaBear that stands still.
    std::unique_ptr<FakeDevice> koala(const std::string& name, std::uint64_t id) {
        auto device = std::make_unique<FakeDevice>(port(name), upper.type(koala_bear), id);
        REQUIRE(device->acknowledge());
        const std::size_t slot = upper.slot_of(koala_bear, id);
        REQUIRE(device->next_write());
        stand_still(upper, *device, slot);
        return device;
    }
    bool gone(std::uint8_t type, std::uint64_t id) {
        return upper.wait_for_devices([&] { return !upper.connected(type, id); });
    }
};

/// Whether a write stops and does nothing else. A motor that was seen at rest already may be missing in it.
inline bool only_zeros(const wire::ValueMap& write) {
    return std::all_of(write.begin(), write.end(),
                       [](const auto& value) { return zeros.count(value.first) == 1 && value.second == 0; });
}

}  // namespace runtime::test
