#include "shm_wrapper/device_types_file.hpp"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <proto/device_types.pb.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace runtime {
namespace {

/// Keeps the first complaint of protobuf's parser; the rest usually follows from it.
class FirstError : public google::protobuf::io::ErrorCollector {
  public:
    void AddError(int line, int column, const std::string& message) override {
        if (text.empty())
            text = ":" + std::to_string(line + 1) + ":" + std::to_string(column + 1) + ": " + message;
    }
    std::string text;
};

void check_name(const std::string& name, const std::string& what) {
    if (name.empty())
        throw DeviceTypesError(what + " has no name");
    if (name.size() >= name_size)
        throw DeviceTypesError(what + ": the name \"" + name + "\" is too long (" +
                               std::to_string(name.size()) + " bytes; at most " +
                               std::to_string(name_size - 1) + ")");
    const bool printable = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 127; });
    if (!printable)
        throw DeviceTypesError(what + ": the name \"" + name + "\" may hold only printable ASCII, no spaces");
}

void copy_name(std::array<char, name_size>& to, const std::string& from) {
    to.fill('\0');
    std::copy(from.begin(), from.end(), to.begin());
}

ParameterKind kind_of(device_types::Kind kind, const std::string& what) {
    switch (kind) {
        case device_types::INT:
            return ParameterKind::integer;
        case device_types::FLOAT:
            return ParameterKind::floating;
        case device_types::BOOL:
            return ParameterKind::boolean;
        default:
            throw DeviceTypesError(what + " has no kind (INT, FLOAT or BOOL)");
    }
}

void check_bounds(const ParameterType& type, const device_types::Parameter& from, const std::string& what) {
    if (from.has_minimum() != from.has_maximum())
        throw DeviceTypesError(what + " needs both minimum and maximum, or neither");
    if (!type.bounded)
        return;
    if (type.kind == ParameterKind::boolean)
        throw DeviceTypesError(what + " is a BOOL and cannot have a minimum and maximum");
    const bool in_order =
        std::isfinite(type.minimum) && std::isfinite(type.maximum) && type.minimum <= type.maximum;
    if (!in_order)
        throw DeviceTypesError(what + ": minimum must not be greater than maximum");
    if (type.stop && (type.minimum > 0 || type.maximum < 0))
        throw DeviceTypesError(what + " is a stop parameter: its bounds must include zero");
}

ParameterType parameter_from(const device_types::Parameter& from, const std::string& what) {
    check_name(from.name(), what);
    if (from.name() == "id")
        throw DeviceTypesError(what + ": no parameter may be called \"id\" (the driver station uses it)");
    ParameterType type{};
    copy_name(type.name_bytes, from.name());
    type.kind = kind_of(from.kind(), what);
    type.read = from.read();
    type.write = from.write();
    type.stop = from.stop();
    type.game_states = from.game_states();
    type.bounded = from.has_minimum() && from.has_maximum();
    type.minimum = from.minimum();
    type.maximum = from.maximum();
    if (!type.read && !type.write)
        throw DeviceTypesError(what + " is neither read nor write");
    if ((type.stop || type.game_states) && !type.write)
        throw DeviceTypesError(what + " is a stop or game_states parameter, so it must be write");
    if (type.game_states && type.kind != ParameterKind::floating)
        throw DeviceTypesError(what + ": game_states need a FLOAT");
    check_bounds(type, from, what);
    return type;
}

DeviceType device_type_from(const device_types::DeviceType& from, const std::string& file) {
    const std::string what = file + ": device type \"" + from.name() + "\"";
    check_name(from.name(), what);
    if (!from.has_number())
        throw DeviceTypesError(what + " has no number");
    if (from.number() > 255 || from.number() == custom_data_type)
        throw DeviceTypesError(what + ": the number " + std::to_string(from.number()) +
                               " is not 0-255, or is 32, which is kept for logged values");
    if (from.parameters_size() < 1 || from.parameters_size() > static_cast<int>(max_parameters))
        throw DeviceTypesError(what + " has " + std::to_string(from.parameters_size()) +
                               " parameters; 1 to 32 are possible");
    DeviceType type{};
    copy_name(type.name_bytes, from.name());
    type.number = static_cast<std::uint8_t>(from.number());
    type.parameter_count = static_cast<std::uint8_t>(from.parameters_size());
    type.extra_silence_ms = from.extra_silence_ms();
    for (std::size_t i = 0; i < type.parameter_count; ++i) {
        const auto& parameter = from.parameters(static_cast<int>(i));
        const std::string which = what + ", parameter " + std::to_string(i) + " \"" + parameter.name() + "\"";
        const ParameterType parsed = parameter_from(parameter, which);
        if (type.find(parameter.name()) >= 0)
            throw DeviceTypesError(which + " appears twice");
        type.parameters[i] = parsed;
    }
    return type;
}

}  // namespace

DeviceTypes parse_device_types(const std::string& text, const std::string& file) {
    device_types::DeviceTypes message;
    google::protobuf::TextFormat::Parser parser;
    FirstError error;
    parser.RecordErrorsTo(&error);
    if (!parser.ParseFromString(text, &message))
        throw DeviceTypesError(file + error.text);
    if (message.device_types_size() > static_cast<int>(max_device_types))
        throw DeviceTypesError(file + ": " + std::to_string(message.device_types_size()) +
                               " device types; at most " + std::to_string(max_device_types) +
                               " are possible");
    DeviceTypes types{};
    std::set<std::string, std::less<>> names;
    for (const auto& from : message.device_types()) {
        const DeviceType type = device_type_from(from, file);
        if (const DeviceType* other = types.find(type.number))
            throw DeviceTypesError(file + ": the number " + std::to_string(type.number) +
                                   " is used twice, by \"" + std::string(other->name()) + "\" and \"" +
                                   from.name() + "\"");
        if (!names.insert(from.name()).second)
            throw DeviceTypesError(file + ": the name \"" + from.name() + "\" is used twice");
        types.list[types.count++] = type;
    }
    std::sort(types.list.begin(), types.list.begin() + static_cast<std::ptrdiff_t>(types.count),
              [](const DeviceType& a, const DeviceType& b) { return a.number < b.number; });
    return types;
}

DeviceTypes read_device_types(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::error_code ignored;
    if (!file.is_open() || !std::filesystem::is_regular_file(path, ignored))
        throw DeviceTypesError(path + ": cannot be read, or is not a file");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return parse_device_types(text, path);
}

}  // namespace runtime
