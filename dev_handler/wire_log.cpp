/// Prints what stands in the black box: the last frames of each device's line, in both directions, with
/// times.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "dev_handler/message.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/service.hpp"
#include "shm_wrapper/wire_ring.hpp"

namespace {

using namespace runtime;
using namespace runtime::dev_handler;

struct Line {
    WireRecord record;
    WireDirection direction;
};

struct Device {
    std::uint8_t type;
    std::uint64_t uid;
    friend bool operator==(const Device&, const Device&) noexcept = default;

    std::string id() const { return fmt::format("{}_{}", type, uid); }
};

Device device_of(const WireRecord& record) {
    return {record.type, record.uid};
}

std::string shown(const ParameterType& parameter, Value value) {
    switch (parameter.kind) {
        case ParameterKind::integer:
            return fmt::format("{}={}", parameter.name(), value.integer());
        case ParameterKind::floating:
            return fmt::format("{}={}", parameter.name(), value.floating());
        case ParameterKind::boolean:
            return fmt::format("{}={}", parameter.name(), value.boolean());
    }
    return {};
}

/// The values of a DEVICE_DATA or DEVICE_WRITE.
std::string values_of(std::span<const std::uint8_t> payload, const DeviceType* type) {
    if (type == nullptr)
        return "of a type that is not in the types file";
    DeviceType readable = *type;  // so that a write is shown with all its values too
    for (auto& parameter : readable.parameters)
        parameter.read = true;
    Values values{};
    const auto bitmap = parse_device_data(payload, readable, values);
    if (!bitmap)
        return "values missing";
    std::string text;
    for (std::size_t i = 0; i < readable.parameter_count; ++i)
        if ((*bitmap >> i & 1U) != 0)
            text.append(text.empty() ? "" : " ").append(shown(readable.parameters[i], values[i]));
    return text;
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const auto byte : bytes)
        text += fmt::format("{:02x}", byte);
    return text;
}

std::string meaning_of(const WireRecord& record, const DeviceType* type) {
    FrameDecoder decoder;
    auto bytes = record.bytes();
    const auto frame = decoder.next(bytes);
    const Message message = parse_message(frame.message);
    if (frame.status != FrameStatus::whole || message.status != MessageStatus::sound)
        return "FAULTY";
    switch (message.id) {
        case MessageId::ping:
            return "PING";
        case MessageId::acknowledgement:
            return "ACKNOWLEDGEMENT";
        case MessageId::device_write:
            return "DEVICE_WRITE " + values_of(message.payload, type);
        case MessageId::device_data:
            return "DEVICE_DATA " + values_of(message.payload, type);
        case MessageId::log:
            return "LOG " + printable(parse_log(message.payload).value_or("without NUL"));
        case MessageId::reset:
            return "RST";
    }
    return "UNKNOWN";
}

/// Both directions of a slot, oldest first.
std::vector<Line> lines_of(const WireBlock& wire, std::size_t slot) {
    std::vector<Line> lines;
    for (const auto direction : {WireDirection::from_device, WireDirection::to_device})
        for (const auto& record : read_frames(wire, slot, direction))
            lines.push_back({record, direction});
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return a.record.time < b.record.time; });
    return lines;
}

/// The devices that the slot has had, as far as lines are left of them; the present or last one at the end.
std::vector<Device> devices_of(const std::vector<Line>& lines, const DeviceIdentity& identity) {
    const Device present{identity.type, identity.uid};
    std::vector<Device> devices;
    for (const Line& line : lines) {
        const Device device = device_of(line.record);
        if (device != present && std::find(devices.begin(), devices.end(), device) == devices.end())
            devices.push_back(device);
    }
    if (identity.generation != 0)
        devices.push_back(present);
    return devices;
}

std::string state_of(const Device& device, const DeviceIdentity& identity) {
    if (device != Device{identity.type, identity.uid})
        return "not connected; the slot has had another device since";
    return fmt::format("{} {}", identity.connected ? "connected on" : "not connected; last seen on",
                       identity.port.data());
}

void print(const LinkStatistics& link) {
    std::cout << fmt::format(
        "  {} frames received, {} sent; {} bad checksums, {} bad frames, {} bad messages, {} resyncs; "
        "{} values coalesced, {} refused\n",
        link.frames_received, link.frames_sent, link.bad_checksums, link.bad_frames, link.bad_messages,
        link.resyncs, link.writes_coalesced, link.writes_refused);
}

void print(const std::vector<Line>& lines, const Device& device, const DeviceType* type) {
    Nanoseconds last = 0;
    for (const Line& line : lines)
        if (device_of(line.record) == device)
            last = line.record.time;
    for (const auto& [record, direction] : lines)
        if (device_of(record) == device)
            std::cout << fmt::format(
                "  {:>12.3f} ms  #{}  {}  {}  [{}]\n",
                static_cast<double>(record.time - last) / static_cast<double>(millisecond), record.generation,
                direction == WireDirection::to_device ? "->" : "<-", meaning_of(record, type),
                hexadecimal(record.bytes()));
}

void print(const RefusedDevices& refused) {
    if (refused.last != 0)
        std::cout << fmt::format(
            "refused: {} of an unknown type, {} of a type and uid that were connected already, {} for want "
            "of "
            "a slot\n",
            refused.unknown_type, refused.duplicate, refused.no_slot);
}

int run(int argc, char** argv) {
    std::string device;
    ProgramOptions options("wire_log",
                           "prints the last frames on the wires of the devices, also after a crash");
    options.add()("device", boost::program_options::value(&device)->value_name("TYPE_UID"),
                  "this device only, e.g. 6_12345");
    if (const auto status = options.parse(argc, argv))
        return *status;
    const BlockReader<WireBlock> wire(options.common().instance);
    const BlockReader<DevicesBlock> devices(options.common().instance);
    const TypesReader types(options.common().instance);
    if (device.empty())
        print(devices->refused.read());
    bool found = false;
    for (std::size_t slot = 0; slot < max_devices; ++slot) {
        const DeviceIdentity identity = devices->slots[slot].identity.read();
        const auto lines = lines_of(*wire, slot);
        for (const Device& one : devices_of(lines, identity)) {
            if (!device.empty() && device != one.id())
                continue;
            found = true;
            const DeviceType* type = types->types.find(one.type);
            std::cout << fmt::format("{} ({}), slot {}, {}\n", one.id(),
                                     type == nullptr ? "unknown type" : type->name(), slot,
                                     state_of(one, identity));
            if (one == Device{identity.type, identity.uid})
                print(devices->slots[slot].statistics.read());
            print(lines, one, type);
        }
    }
    if (!found) {
        std::cerr << "wire_log: " << (device.empty() ? "no device has" : "device " + device + " has not")
                  << " been connected yet\n";
        return 1;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return run_program("wire_log", run, argc, argv);
}
