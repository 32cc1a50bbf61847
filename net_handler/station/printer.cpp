#include "net_handler/station/printer.hpp"

#include "net_handler/protocol/device_data.hpp"
#include "shm_wrapper/process/json.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/terminal/row.hpp"

namespace runtime::station {
namespace {

void write_value(JsonWriter& json, const Param& parameter) {
    switch (parameter.val_case()) {
        case Param::kFval:
            json.value(parameter.fval());
            return;
        case Param::kIval:
            json.value(parameter.ival());
            return;
        case Param::kBval:
            json.value(parameter.bval());
            return;
        case Param::VAL_NOT_SET:
            break;
    }
    json.null();
}

}  // namespace

std::string id_of(const Device& device) {
    if (device.name() == net::custom_data_name)
        return device.name();
    return std::to_string(device.type()) + '_' + std::to_string(device.uid());
}

std::string value_text(const Param& parameter) {
    if (parameter.val_case() != Param::kFval) {
        JsonWriter json;
        write_value(json, parameter);
        return std::move(json).text();
    }
    return number_text(parameter.fval());
}

std::string devices_as_text(const DevData& devices) {
    std::string text;
    for (const auto& device : devices.devices()) {
        const std::string id = id_of(device);
        text += id;
        if (id != device.name())
            text.append(" ").append(printable(device.name()));
        for (const auto& parameter : device.params())
            text.append(" ").append(printable(parameter.name())).append("=").append(value_text(parameter));
        text += '\n';
    }
    return text;
}

std::string devices_as_json(const DevData& devices, std::uint64_t time_ms) {
    JsonWriter json;
    json.begin_object().member("time_ms", time_ms).key("devices").begin_object();
    for (const auto& device : devices.devices()) {
        json.key(id_of(device)).begin_object().member("name", device.name()).key("values").begin_object();
        for (const auto& parameter : device.params())
            write_value(json.key(parameter.name()), parameter);
        json.end_object().end_object();
    }
    json.end_object().end_object();
    return std::move(json).text() + '\n';
}

std::string log_line_as_json(std::string_view line, std::uint64_t time_ms) {
    JsonWriter json;
    json.begin_object().member("time_ms", time_ms).member("line", line).end_object();
    return std::move(json).text() + '\n';
}

}  // namespace runtime::station
