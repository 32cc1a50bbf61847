/// Prints what stands in the black box: the last frames of each device's line, in both directions, with
/// times.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <string>

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

std::string device_id(const DeviceIdentity& identity) {
    return fmt::format("{}_{}", identity.type, identity.uid);
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
std::string values_of(std::span<const std::uint8_t> payload, const DeviceType& type) {
    DeviceType readable = type;  // so that a write is shown with all its values too
    for (auto& parameter : readable.parameters)
        parameter.read = true;
    Values values{};
    const auto bitmap = parse_device_data(payload, readable, values);
    if (!bitmap)
        return "values missing";
    std::string text;
    for (std::size_t i = 0; i < type.parameter_count; ++i)
        if ((*bitmap >> i & 1U) != 0)
            text.append(text.empty() ? "" : " ").append(shown(type.parameters[i], values[i]));
    return text;
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const auto byte : bytes)
        text += fmt::format("{:02x}", byte);
    return text;
}

std::string meaning_of(const WireRecord& record, const DeviceType& type) {
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

void print(const WireBlock& wire, std::size_t slot, const DeviceIdentity& identity, const DeviceType& type) {
    std::vector<Line> lines;
    for (const auto direction : {WireDirection::from_device, WireDirection::to_device})
        for (const auto& record : read_frames(wire, slot, direction))
            lines.push_back({record, direction});
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return a.record.time < b.record.time; });
    std::cout << fmt::format("{} ({}), slot {}, {} {}\n", device_id(identity), type.name(), slot,
                             identity.connected ? "connected on" : "not connected; last seen on",
                             identity.port.data());
    const Nanoseconds last = lines.empty() ? 0 : lines.back().record.time;
    for (const auto& [record, direction] : lines)
        std::cout << fmt::format("  {:>12.3f} ms  #{}  {}  {}  [{}]\n",
                                 static_cast<double>(record.time - last) / static_cast<double>(millisecond),
                                 record.generation, direction == WireDirection::to_device ? "->" : "<-",
                                 meaning_of(record, type), hexadecimal(record.bytes()));
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
    const BlockReader<TypesBlock> types(options.common().instance);
    bool found = false;
    for (std::size_t slot = 0; slot < max_devices; ++slot) {
        const DeviceIdentity identity = devices->slots[slot].identity.read();
        const DeviceType* type = types->types.find(identity.type);
        if (identity.generation == 0 || type == nullptr || (!device.empty() && device != device_id(identity)))
            continue;
        found = true;
        print(*wire, slot, identity, *type);
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
