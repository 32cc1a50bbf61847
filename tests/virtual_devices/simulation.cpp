#include "tests/virtual_devices/simulation.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace runtime::virtual_devices {
namespace {

/// The world does not move on by more than this in one turn, so that a suspended program does not jump.
constexpr Nanoseconds largest_turn = 100 * millisecond;

const DeviceType& find_type(std::string_view name, const DeviceTypes& types) {
    const auto number = to_unsigned(name);
    const auto* end = types.list.data() + types.count;
    const auto* found = std::find_if(types.list.data(), end, [&](const DeviceType& type) {
        return type.name() == name || (number && type.number == *number);
    });
    if (found == end)
        throw std::runtime_error("there is no device type \"" + std::string(name) + "\"");
    return *found;
}

void read_fault(std::string_view text, DeviceRequest& request) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    const auto value = equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
    if (name != "year") {
        if (const auto problem = set_fault(request.faults, name, value))
            throw std::runtime_error(*problem);
        return;
    }
    const auto year = to_unsigned(value);
    if (!year || *year > 255)
        throw std::runtime_error("year needs a number from 0 to 255");
    request.year = static_cast<std::uint8_t>(*year);
}

}  // namespace

DeviceRequest parse_device(const std::string& text, const DeviceTypes& types) {
    try {
        DeviceRequest request;
        const auto at = text.find('@');
        const std::string who = text.substr(0, at);
        const auto colon = who.find(':');
        request.type = &find_type(who.substr(0, colon), types);
        if (colon != std::string::npos) {
            request.uid = to_unsigned(who.substr(colon + 1));
            if (!request.uid)
                throw std::runtime_error("the uid is not a number of 64 bits");
        }
        if (at != std::string::npos) {
            std::string_view faults = std::string_view(text).substr(at + 1);
            while (!faults.empty()) {
                const auto comma = faults.find(',');
                read_fault(faults.substr(0, comma), request);
                faults.remove_prefix(comma == std::string_view::npos ? faults.size() : comma + 1);
            }
        }
        return request;
    } catch (const std::runtime_error& error) {
        throw std::runtime_error("device \"" + text + "\": " + error.what());
    }
}

const std::vector<std::string>& robot_devices() {
    static const std::vector<std::string> devices{
        "KoalaBear:1", "ServoControl:2",     "LimitSwitch:3", "LineFollower:4",
        "PDB:5@uart",  "UltrasonicSensor:6", "PolarBear:7",   "DummyDevice:8",
    };
    return devices;
}

Simulation::Simulation(Settings settings) : settings_(std::move(settings)), directory_(settings_.directory) {}

void Simulation::add(const DeviceRequest& request, Nanoseconds time) {
    const std::size_t index = links_.size();
    const Identity identity{request.uid.value_or(index + 1),
                            request.year.value_or(recorded_year(request.type->name()))};
    links_.emplace_back(*request.type, identity, request.faults, world_, index, settings_.data_period,
                        settings_.seed + static_cast<unsigned>(index));
    if (!request.faults.unplugged)
        plug(index, time);
}

void Simulation::plug(std::size_t index, Nanoseconds time) {
    if (index < settings_.attach.size())
        links_[index].plug(settings_.attach[index], Port::Kind::existing, time);
    else
        plug(index, "ttyVIRTUAL" + std::to_string(index), time);
}

void Simulation::plug(std::size_t index, const std::string& name, Nanoseconds time) {
    if (index < settings_.attach.size() || name.find('/') != std::string::npos)
        throw std::runtime_error("replug needs a name in " + directory_.path().string());
    links_[index].plug(directory_.path() / name, Port::Kind::pseudo_terminal, time);
}

void Simulation::tick(Nanoseconds time) {
    if (last_tick_ != 0)
        world_.step(static_cast<double>(std::min(time - last_tick_, largest_turn)) / second);
    last_tick_ = time;
    for (Link& link : links_)
        link.tick(time);
}

bool Simulation::active() const noexcept {
    return std::any_of(links_.begin(), links_.end(), [](const Link& link) { return link.active(); });
}

}  // namespace runtime::virtual_devices
