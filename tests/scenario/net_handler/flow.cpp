// How much is sent to a driver station, and how old it is. The times are the robot's own, those in its
// DevData: a slow machine sends less, never more.
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "tests/scenario/net_handler/field.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

/// When a DevData was made, in milliseconds since its Dawn connected.
std::int32_t made_at(const DevData& data) {
    const auto* time = find_parameter(data, "CustomData", "time_ms");
    REQUIRE(time != nullptr);
    return time->ival();
}

void connect_all_devices(Field& field, std::int32_t value) {
    for (std::size_t slot = 0; slot < max_devices; ++slot)
        field.connect(slot, field.type("GeneralTestDevice"), slot,
                      std::vector<Value>(max_parameters, Value::of(value)));
}

/// A Dawn whose receive buffer is of the usual size and does not grow, as that of one who does not read can.
DriverStation narrow_dawn(const Field& field) {
    auto dawn = DriverStation::silent(field.port());
    const int half = 64 * 1024;  // the kernel doubles it, socket(7)
    setsockopt(dawn.descriptor(), SOL_SOCKET, SO_RCVBUF, &half, sizeof half);
    dawn.send_bytes("\1");
    return dawn;
}

/// The packet of the next DevData.
ReceivedPacket next_device_data(DriverStation& dawn) {
    auto received = dawn.receive_until([](const ReceivedPacket& packet) { return packet.type == 3; });
    REQUIRE(received);
    return *received;
}

}  // namespace

TEST_CASE("device data come no more often than --device-data-hz says") {
    Field field({"--device-data-hz", "5"});
    auto dawn = field.dawn();
    const auto first = made_at(next_device_data(dawn).as<DevData>());
    // Whole milliseconds: one may be missing. Late ones may be followed sooner, but never add up to more.
    for (int i = 1; i <= 6; ++i)
        CHECK(made_at(next_device_data(dawn).as<DevData>()) - first >= i * 200 - 1);
}

TEST_CASE("many devices stay within --bandwidth-limit") {
    Field field({"--bandwidth-limit", "1"});
    connect_all_devices(field, -1);
    auto dawn = field.dawn();
    constexpr std::int64_t bytes_per_ms = 125;
    constexpr std::int64_t burst_ms = 50;
    constexpr std::int64_t watched_ms = 2000;
    auto packet = next_device_data(dawn);
    const auto first = made_at(packet.as<DevData>());
    std::int64_t bytes = 0;
    for (std::int64_t elapsed = 0; elapsed < watched_ms;) {
        bytes += static_cast<std::int64_t>(packet.payload.size());
        packet = next_device_data(dawn);
        elapsed = made_at(packet.as<DevData>()) - first;
        CHECK(bytes <= (elapsed + 1 + burst_ms) * bytes_per_ms);
    }
    CHECK(bytes > 0);
}

TEST_CASE("who has not read for a while is told of the present, not of all that was between") {
    // As much as it can: were it kept, it would be megabytes within half a second.
    Field field({"--bandwidth-limit", "0", "--device-data-hz", "1000"});
    const auto bytes_of_the_past = [&]() -> std::optional<std::size_t> {
        connect_all_devices(field, 1);
        auto dawn = narrow_dawn(field);
        constexpr std::size_t much = std::size_t{32} * 1024;
        if (!wait_until([&] { return field.unacknowledged_bytes(dawn) > much; }))
            return std::nullopt;
        auto shepherd = field.shepherd();
        const auto time_passes = [&] {
            return shepherd.wait_for_status([](const ::RuntimeStatus&) { return true; }).has_value();
        };
        CHECK((time_passes() && time_passes() && time_passes()));
        connect_all_devices(field, 2);
        std::size_t bytes = 0;
        const auto told = dawn.wait_for_devices([&](const DevData& data) {
            const bool present = data.devices(0).params(0).ival() == 2;
            bytes += present ? 0 : data.ByteSizeLong();
            return present;
        });
        return told ? std::optional(bytes) : std::nullopt;
    };
    // Where all of this goes slowly, who does not read may be given up meanwhile: then again.
    std::optional<std::size_t> bytes;
    CHECK(wait_until([&] { return (bytes = bytes_of_the_past()).has_value(); }));
    // What the kernel holds for a connection: net_handler bounds it, and what the client has in its own.
    constexpr std::size_t most = std::size_t{512} * 1024;
    CHECK(bytes.value_or(most) < most);
}
