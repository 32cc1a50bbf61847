// The judge of the simulated firmware: conversations recorded from the real one (tests/fixtures/serial). The
// host's side of each is played to a simulated device in virtual time, and what that answers must be what was
// recorded.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/virtual_devices/support.hpp"

namespace runtime::virtual_devices {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// How long before the port was opened the recorded boards had been switched on: a DummyDevice changes its
/// values every 500 ms from then on.
constexpr Nanoseconds booted_before = 138 * millisecond;

struct Event {
    Nanoseconds time;  // since the port was opened
    bool from_host;
    std::string kind;
    Bytes bytes;
};

Bytes from_hexadecimal(const std::string& text) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
    return bytes;
}

std::vector<Event> recorded_events(const std::string& type) {
    std::ifstream file(FIXTURES_DIRECTORY "/serial/" + type + ".json");
    const auto recording = nlohmann::json::parse(file);
    std::vector<Event> events;
    for (const auto& event : recording.at("events"))
        events.push_back({static_cast<Nanoseconds>(event.at("t_ms").get<double>() * 1e6),
                          event.at("dir") == "h2d", event.at("kind"), from_hexadecimal(event.at("hex"))});
    return events;
}

std::string kind_of(const Frame& frame) {
    switch (frame.id) {
        case MessageId::acknowledgement:
            return "ACK";
        case MessageId::device_data:
            return "DEVICE_DATA";
        case MessageId::log:
            return "LOG";
        default:
            return "RST";
    }
}

float float_at(const Bytes& payload, std::size_t at) {
    Value value{};
    std::memcpy(&value.bits, &payload.at(at), 4);
    return value.floating();
}

/// What lies outside of a sensor is not the firmware's doing: it is taken from the recording.
void look_at(const std::string& type, const Event& event, Surroundings& surroundings) {
    MessageBuffer buffer;
    const auto message = decode(std::span(event.bytes).subspan(2), buffer);
    REQUIRE(message);
    const Bytes payload(message->payload.begin(), message->payload.end());
    for (std::size_t i = 0; i < 3; ++i) {
        if (type == "LimitSwitch")
            surroundings.switches[i] = payload.at(4 + i) != 0;
        if (type == "LineFollower")
            surroundings.line[i] = float_at(payload, 4 + 4 * i);
        if (type == "PDB")
            surroundings.cells[i] = float_at(payload, 6 + 4 * i);
    }
    if (type == "PDB")
        surroundings.network_switch = payload.at(30) != 0;
}

/// Kinds and bytes in order; of equal DEVICE_DATA in a row one stands for all; of texts only the kind.
struct Transcript {
    std::vector<std::pair<std::string, Bytes>> lines;
    std::size_t data = 0;
    std::vector<Nanoseconds> resets;

    void add(const std::string& kind, Bytes bytes, Nanoseconds time) {
        if (kind == "DEVICE_DATA")
            ++data;
        if (kind == "RST")
            resets.push_back(time);
        if (kind == "LOG")
            bytes.clear();
        if (lines.empty() || kind != "DEVICE_DATA" || lines.back() != std::pair(kind, bytes))
            lines.emplace_back(kind, std::move(bytes));
    }
};

}  // namespace

TEST_CASE("a simulated device answers as the real firmware did") {
    const std::string type =
        GENERATE("DummyDevice", "LimitSwitch", "LineFollower", "ServoControl", "KoalaBear", "PDB");
    INFO(type);
    Bench bench(type);
    bench.device.defects().uart = type == "PDB";
    const Nanoseconds opened = bench.time + booted_before;

    const auto events = recorded_events(type);
    look_at(type, *std::ranges::find(events, "DEVICE_DATA", &Event::kind), bench.world.surroundings());
    Transcript recorded;
    Transcript simulated;
    for (const Event& event : events) {
        const Nanoseconds time = opened + event.time;
        while (bench.time + millisecond <= time) {
            bench.sent.clear();
            bench.pass(millisecond);
            for (const Frame& frame : bench.sent)
                simulated.add(kind_of(frame), {frame.view().begin(), frame.view().end()},
                              bench.time - opened);
        }
        bench.sent.clear();
        if (event.from_host)
            bench.host_bytes(event.bytes);
        else if (event.kind == "DEVICE_DATA")
            look_at(type, event, bench.world.surroundings());
        for (const Frame& frame : bench.sent)
            simulated.add(kind_of(frame), {frame.view().begin(), frame.view().end()}, event.time);
        if (!event.from_host)
            recorded.add(event.kind, event.bytes, event.time);
    }
    // The recording ended 400 ms after the host's RST, which is not answered.
    bench.sent.clear();
    bench.pass(400 * millisecond);
    CHECK(bench.sent.empty());

    REQUIRE(simulated.lines.size() == recorded.lines.size());
    for (std::size_t i = 0; i < recorded.lines.size(); ++i) {
        INFO("line " << i << ", " << recorded.lines[i].first);
        CHECK(simulated.lines[i].first == recorded.lines[i].first);
        CHECK(simulated.lines[i].second == recorded.lines[i].second);
    }
    CHECK(static_cast<double>(simulated.data) == Approx(static_cast<double>(recorded.data)).epsilon(0.1));
    REQUIRE(simulated.resets.size() == 1);
    REQUIRE(recorded.resets.size() == 1);
    CHECK(std::abs(simulated.resets[0] - recorded.resets[0]) < 20 * millisecond);
}

}  // namespace runtime::virtual_devices
