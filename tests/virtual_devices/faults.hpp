#pragma once
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/virtual_devices/device.hpp"

namespace runtime::virtual_devices {

enum class Corruption : std::uint8_t { any, flip, drop, doubled };

/// Everything that can be made wrong with a device and its line. README.md lists the names.
struct Faults {
    Defects defects;
    bool unplugged = false;     ///< only looked at when the program starts
    bool silence = false;       ///< it runs, but nothing that it sends arrives
    bool stop_reading = false;  ///< nothing is read from its port
    bool flood = false;         ///< it sends DEVICE_DATA as fast as the port takes them
    double corruption = 0;      ///< the part of its frames that are corrupted, 0 to 1
    Corruption corruption_kind = Corruption::any;
    /// It restarts when its port is opened, and is deaf and silent for this long.
    Nanoseconds boot_silence = 0;
};

/// Sets one fault from its name and value ("corruption", "0.01:flip"). An empty value or "on" switches on,
/// "off" switches off. Nothing: done. A text: what is wrong with it.
std::optional<std::string> set_fault(Faults& faults, std::string_view name, std::string_view value);

/// Appends `frame` to `out` with one byte flipped in a bit, dropped or doubled.
void corrupt(std::span<const std::uint8_t> frame, Corruption kind, std::mt19937& random,
             std::vector<std::uint8_t>& out);

/// The whole of `text` as a number; nothing if it is none. Integers also as 0x….
std::optional<double> to_number(std::string_view text);
std::optional<std::uint64_t> to_unsigned(std::string_view text);

}  // namespace runtime::virtual_devices
