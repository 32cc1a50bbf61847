#include "tests/virtual_devices/faults.hpp"

#include <charconv>
#include <cmath>

namespace runtime::virtual_devices {
namespace {

std::optional<bool> to_switch(std::string_view value) {
    if (value.empty() || value == "on")
        return true;
    if (value == "off")
        return false;
    return std::nullopt;
}

bool* switch_of(Faults& faults, std::string_view name) {
    if (name == "unplugged")
        return &faults.unplugged;
    if (name == "silence")
        return &faults.silence;
    if (name == "stop-reading")
        return &faults.stop_reading;
    if (name == "flood")
        return &faults.flood;
    if (name == "wrong-checksum")
        return &faults.defects.wrong_checksum;
    if (name == "no-watchdog")
        return &faults.defects.no_watchdog;
    return name == "uart" ? &faults.defects.uart : nullptr;
}

Nanoseconds* duration_of(Faults& faults, std::string_view name) {
    if (name == "boot-silence")
        return &faults.boot_silence;
    return name == "stall" ? &faults.defects.stall : nullptr;
}

std::optional<std::string> set_corruption(Faults& faults, std::string_view value) {
    const auto colon = value.find(':');
    const auto part = value == "off" ? std::optional(0.0) : to_number(value.substr(0, colon));
    if (!part || !(*part >= 0 && *part <= 1))
        return "corruption needs the part of the frames, 0 to 1, such as 0.01 or 0.01:flip";
    const auto kind = colon == std::string_view::npos ? "any" : value.substr(colon + 1);
    if (kind == "any")
        faults.corruption_kind = Corruption::any;
    else if (kind == "flip")
        faults.corruption_kind = Corruption::flip;
    else if (kind == "drop")
        faults.corruption_kind = Corruption::drop;
    else if (kind == "double")
        faults.corruption_kind = Corruption::doubled;
    else
        return "corruption \"" + std::string(kind) + "\" is not any, flip, drop or double";
    faults.corruption = *part;
    return std::nullopt;
}

}  // namespace

std::optional<double> to_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<std::uint64_t> to_unsigned(std::string_view text) {
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    if (hexadecimal)
        text.remove_prefix(2);
    std::uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<std::string> set_fault(Faults& faults, std::string_view name, std::string_view value) {
    if (bool* flag = switch_of(faults, name)) {
        const auto state = to_switch(value);
        if (!state)
            return std::string(name) + " is on or off, not \"" + std::string(value) + "\"";
        *flag = *state;
        return std::nullopt;
    }
    if (Nanoseconds* duration = duration_of(faults, name)) {
        const auto milliseconds = value == "off" ? 0 : to_unsigned(value);
        if (!milliseconds || *milliseconds > 3'600'000)
            return std::string(name) + " needs milliseconds";
        *duration = static_cast<Nanoseconds>(*milliseconds) * millisecond;
        return std::nullopt;
    }
    if (name == "corruption")
        return set_corruption(faults, value);
    if (name == "unknown-type") {
        const auto type = to_unsigned(value);
        if (value != "off" && (!type || *type > 255))
            return "unknown-type needs a number from 0 to 255";
        faults.defects.announced_type =
            value == "off" ? std::nullopt : std::optional(static_cast<std::uint8_t>(*type));
        return std::nullopt;
    }
    return "there is no fault \"" + std::string(name) +
           "\"; there are silence, corruption, unplugged, wrong-checksum, unknown-type, flood, stop-reading, "
           "boot-silence, stall, uart, no-watchdog";
}

void corrupt(std::span<const std::uint8_t> frame, Corruption kind, std::mt19937& random,
             std::vector<std::uint8_t>& out) {
    if (kind == Corruption::any)
        kind = static_cast<Corruption>(std::uniform_int_distribution<int>(1, 3)(random));
    const auto at = std::uniform_int_distribution<std::size_t>(0, frame.size() - 1)(random);
    const auto bit = std::uniform_int_distribution<int>(0, 7)(random);
    for (std::size_t i = 0; i < frame.size(); ++i) {
        if (i != at) {
            out.push_back(frame[i]);
        } else if (kind == Corruption::flip) {
            out.push_back(static_cast<std::uint8_t>(frame[i] ^ (1 << bit)));
        } else if (kind == Corruption::doubled) {
            out.push_back(frame[i]);
            out.push_back(frame[i]);
        }
    }
}

}  // namespace runtime::virtual_devices
