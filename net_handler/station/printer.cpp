#include "net_handler/station/printer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "net_handler/protocol/device_data.hpp"
#include "shm_wrapper/process/logging.hpp"

namespace runtime::station {
namespace {

std::string shortest(float value) {
    std::array<char, 32> text;
    const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), result.ptr};
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char character : printable(text)) {
        if (character == '\t') {
            result += "\\t";
            continue;
        }
        if (character == '"' || character == '\\')
            result += '\\';
        result += character;
    }
    return result += '"';
}

std::string json_value(const Param& parameter) {
    switch (parameter.val_case()) {
        case Param::kFval:
            return std::isfinite(parameter.fval()) ? shortest(parameter.fval()) : "null";
        case Param::kIval:
            return std::to_string(parameter.ival());
        case Param::kBval:
            return parameter.bval() ? "true" : "false";
        case Param::VAL_NOT_SET:
            break;
    }
    return "null";
}

}  // namespace

std::string id_of(const Device& device) {
    if (device.name() == net::custom_data_name)
        return device.name();
    return std::to_string(device.type()) + '_' + std::to_string(device.uid());
}

std::string value_text(const Param& parameter) {
    if (parameter.val_case() != Param::kFval)
        return json_value(parameter);
    std::array<char, 64> text;
    const auto result = std::to_chars(text.data(), text.data() + text.size(), parameter.fval(),
                                      std::chars_format::general, 4);
    return {text.data(), result.ptr};
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
    std::string text = "{\"time_ms\": " + std::to_string(time_ms) + ", \"devices\": {";
    const char* separator = "";
    for (const auto& device : devices.devices()) {
        text.append(separator).append(quoted(id_of(device))).append(": {\"name\": ");
        text.append(quoted(device.name())).append(", \"values\": {");
        separator = "";
        for (const auto& parameter : device.params()) {
            text.append(separator)
                .append(quoted(parameter.name()))
                .append(": ")
                .append(json_value(parameter));
            separator = ", ";
        }
        text += "}}";
        separator = ", ";
    }
    return text += "}}\n";
}

std::string log_line_as_json(std::string_view line, std::uint64_t time_ms) {
    return "{\"time_ms\": " + std::to_string(time_ms) + ", \"line\": " + quoted(line) + "}\n";
}

}  // namespace runtime::station
