#include "net_handler/protocol/device_data.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "net_handler/protocol/wire_writer.hpp"
#include "shm_wrapper/process/logging.hpp"

namespace runtime::net {
namespace {

// Field numbers of proto/device.proto.
constexpr std::uint32_t param_name = 1;
constexpr std::uint32_t param_float = 2;
constexpr std::uint32_t param_integer = 3;
constexpr std::uint32_t param_boolean = 4;
constexpr std::uint32_t param_readonly = 5;
constexpr std::uint32_t device_name = 1;
constexpr std::uint32_t device_uid = 2;
constexpr std::uint32_t device_type = 3;
constexpr std::uint32_t device_params = 4;
constexpr std::uint32_t data_devices = 1;

constexpr std::string_view time_name = "time_ms";

// The longest encoding, with a tag of one byte before everything. An integer takes 5 bytes, not the 10 that
// protobuf's own writer takes for a negative int32: the format defines that an int32 may be read from a value
// written as a uint32, and that is what makes the worst case fit into one packet. (Two packets with a part of
// the devices each would make the driver station's list flicker, since it shows what the last packet holds.)
constexpr std::size_t field(std::size_t content, std::size_t length_bytes) {
    return 1 + length_bytes + content;
}
constexpr std::size_t worst_value_and_readonly = (1 + 5) + (1 + 1);
constexpr std::size_t worst_param(std::size_t name_bytes) {
    return field(field(name_bytes, 1) + worst_value_and_readonly, 1);
}
constexpr std::size_t worst_device =
    field(field(name_size - 1, 1) + (1 + 10) + (1 + 2) + max_parameters * worst_param(name_size - 1), 2);
constexpr std::size_t worst_custom_data =
    field(field(custom_data_name.size(), 1) + (1 + 2) + (1 + 1) +
              max_custom_values * worst_param(custom_key_size - 1) + worst_param(time_name.size()),
          3);
static_assert(max_devices * worst_device + worst_custom_data <= max_payload);

void write_param(WireWriter& writer, std::string_view name, ParameterKind kind, Value value, bool readonly) {
    writer.message_field(device_params, [&] {
        writer.string_field(param_name, name);
        switch (kind) {
            case ParameterKind::integer:
                writer.varint_field(param_integer, value.bits);
                break;
            case ParameterKind::floating:
                writer.float_field(param_float, value.floating());
                break;
            case ParameterKind::boolean:
                writer.varint_field(param_boolean, value.boolean() ? 1 : 0);
                break;
        }
        if (readonly)
            writer.varint_field(param_readonly, 1);
    });
}

void write_identity(WireWriter& writer, std::string_view name, std::uint64_t uid, std::uint8_t type) {
    writer.string_field(device_name, name);
    writer.varint_field(device_uid, uid);
    writer.varint_field(device_type, type);
}

void write_device(WireWriter& writer, const DeviceView& device) {
    writer.message_field(data_devices, [&] {
        write_identity(writer, device.type->name(), device.uid, device.type->number);
        for (std::size_t i = 0; i < device.type->parameter_count; ++i) {
            const ParameterType& parameter = device.type->parameters[i];
            const bool has_value = (device.received >> i & 1U) != 0;
            if (parameter.read)
                write_param(writer, parameter.name(), parameter.kind, has_value ? device.values[i] : Value{},
                            !parameter.write);
        }
    });
}

}  // namespace

bool shown(const DeviceIdentity& identity, const DeviceData& data, const DeviceType* type) noexcept {
    if (!identity.connected || type == nullptr)
        return false;
    const bool has_values = data.generation == identity.generation && data.time != 0;
    return has_values || type->bitmap(&ParameterType::read) == 0;
}

bool shown(const CustomValue& value) {
    const auto end = std::find(value.key.begin(), value.key.end(), '\0');
    if (end == value.key.begin() || end == value.key.end() || value.kind > ParameterKind::boolean)
        return false;
    const std::string_view key(value.key.data(), static_cast<std::size_t>(end - value.key.begin()));
    return key != time_name && key != "id" && printable(key) == key;
}

float battery_voltage(const RobotView& view) noexcept {
    constexpr std::uint8_t battery_buzzer = 3;
    constexpr std::uint8_t power_distribution_board = 7;
    for (std::size_t i = 0; i < view.device_count; ++i) {
        const DeviceView& device = view.devices[i];
        if (device.type->number != battery_buzzer && device.type->number != power_distribution_board)
            continue;
        const int parameter = device.type->find("v_batt");
        if (parameter >= 0 && (device.received >> parameter & 1) != 0 &&
            device.type->parameters[static_cast<std::size_t>(parameter)].kind == ParameterKind::floating) {
            const float volts = device.values[static_cast<std::size_t>(parameter)].floating();
            return std::isfinite(volts) ? volts : 0;
        }
    }
    return 0;
}

std::size_t write_device_data(std::span<std::uint8_t, header_size + max_payload> out, const RobotView& view,
                              std::int64_t connected_ms) noexcept {
    WireWriter writer(out.subspan<header_size>());
    for (std::size_t i = 0; i < view.device_count; ++i)
        write_device(writer, view.devices[i]);
    writer.message_field(data_devices, [&] {
        write_identity(writer, custom_data_name, custom_data_uid, custom_data_type);
        for (std::size_t i = 0; i < view.custom_count; ++i)
            write_param(writer, view.custom[i].key.data(), view.custom[i].kind, view.custom[i].value, true);
        const auto shown_ms = static_cast<std::int32_t>(
            std::clamp<std::int64_t>(connected_ms, 0, std::numeric_limits<std::int32_t>::max()));
        write_param(writer, time_name, ParameterKind::integer, Value::of(shown_ms), true);
    });
    write_header(out.first<header_size>(), PacketType::device_data, writer.size());
    return header_size + writer.size();
}

}  // namespace runtime::net
