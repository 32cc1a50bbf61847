#include "tests/virtual_devices/report.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

namespace runtime::virtual_devices {
namespace {

using Json = nlohmann::ordered_json;

/// The shortest decimal that is this FLOAT: 0.05 and not 0.05000000074505806. Null where it is not finite.
Json to_json(float value) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    const auto number = to_number({text.data(), static_cast<std::size_t>(end - text.data())});
    return number && std::isfinite(*number) ? Json(*number) : Json(nullptr);
}

Json to_json(ParameterKind kind, Value value) {
    switch (kind) {
        case ParameterKind::integer:
            return value.integer();
        case ParameterKind::floating:
            return to_json(value.floating());
        case ParameterKind::boolean:
            return value.boolean();
    }
    return nullptr;
}

Json description(const Link& link, std::size_t index) {
    const Device& device = link.device();
    return {{"index", index},
            {"type", std::string(device.type().name())},
            {"number", device.type().number},
            {"uid", device.identity().uid},
            {"year", device.identity().year},
            {"port", link.port() != nullptr ? link.port()->link().string() : ""},
            {"terminal", link.port() != nullptr ? link.port()->terminal().string() : ""},
            {"plugged", link.port() != nullptr},
            {"open", link.host_present()},
            {"enabled", device.enabled()},
            {"dead", device.dead()}};
}

}  // namespace

std::string describe(const Link& link, std::size_t index) {
    return description(link, index).dump();
}

std::string describe_all(Simulation& simulation) {
    Json all = Json::array();
    for (std::size_t i = 0; i < simulation.links().size(); ++i)
        all.push_back(description(simulation.links()[i], i));
    return all.dump();
}

std::string values_of(const Device& device) {
    Json values = Json::object();
    for (std::size_t i = 0; i < device.type().parameter_count; ++i) {
        const auto& parameter = device.type().parameters[i];
        values[std::string(parameter.name())] = to_json(parameter.kind, device.value(i));
    }
    return values.dump();
}

std::string writes_of(const Device& device) {
    const Received& received = device.received();
    Json parameters = Json::object();
    for (std::size_t i = 0; i < device.type().parameter_count; ++i) {
        const auto& parameter = device.type().parameters[i];
        const auto& written = received.parameters[i];
        if (written.count != 0)
            parameters[std::string(parameter.name())] = {{"count", written.count},
                                                         {"value", to_json(parameter.kind, written.value)},
                                                         {"time", written.time}};
    }
    return Json{{"writes", received.writes}, {"last_write", received.last_write}, {"parameters", parameters}}
        .dump();
}

std::string frames_of(const Link& link) {
    const Sent& sent = link.sent();
    const Received& received = link.device().received();
    return Json{{"sent",
                 {{"frames", sent.acknowledgements + sent.data + sent.logs + sent.resets},
                  {"acknowledgements", sent.acknowledgements},
                  {"data", sent.data},
                  {"logs", sent.logs},
                  {"resets", sent.resets},
                  {"corrupted", sent.corrupted},
                  {"truncated", sent.truncated},
                  {"dropped", sent.dropped},
                  {"silenced", sent.silenced},
                  {"unheard", sent.unheard},
                  {"bytes", sent.bytes}}},
                {"received",
                 {{"pings", received.pings},
                  {"writes", received.writes},
                  {"resets", received.resets},
                  {"bad_frames", received.bad_frames},
                  {"last_ping", received.last_ping},
                  {"last_write", received.last_write},
                  {"last_reset", received.last_reset}}}}
        .dump();
}

std::string motion_of(Link& link) {
    Json changes = Json::array();
    for (const auto& change : link.take_motion_changes())
        changes.push_back({{"time", change.time}, {"moving", change.moving}});
    return Json{{"moving", link.moving()}, {"changes", changes}}.dump();
}

std::string world_of(const World& world) {
    const Surroundings& surroundings = world.surroundings();
    return Json{{"x", world.pose().x},
                {"y", world.pose().y},
                {"heading", world.pose().heading * 180 / std::numbers::pi},
                {"cells", surroundings.cells},
                {"line", surroundings.line},
                {"distance", surroundings.distance},
                {"echo", surroundings.echo},
                {"switches", surroundings.switches}}
        .dump();
}

}  // namespace runtime::virtual_devices
