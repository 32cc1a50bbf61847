#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "net_handler/protocol/packet.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::net {

/// The name, type and uid under which logged values are shown.
inline constexpr std::string_view custom_data_name = "CustomData";
inline constexpr std::uint64_t custom_data_uid = 2020;

/// What the driver station is shown of one device.
struct DeviceView {
    const DeviceType* type;
    std::uint64_t uid;
    std::uint32_t received;  ///< bit i: parameter i has a value; the others are shown as 0
    std::array<Value, max_parameters> values;
};

/// What the driver station is shown: the connected devices and the values that student code logs. Filled anew
/// for each DevData, in place.
struct RobotView {
    std::size_t device_count;
    std::array<DeviceView, max_devices> devices;
    std::size_t custom_count;
    std::array<CustomValue, max_custom_values> custom;
};

/// Whether a slot of the devices block is shown: connected, with values of this connection if its type has
/// any.
bool shown(const DeviceIdentity& identity, const DeviceData& data, const DeviceType* type) noexcept;

/// Whether a logged value may be shown: a key that ends within its bytes, is printable UTF-8, not empty and
/// not a name that the driver station needs itself (`id`, `time_ms`), and a kind that exists. The block is
/// written by the student process, so nothing in it is trusted.
bool shown(const CustomValue& value);

/// Volts of the first PDB or BatteryBuzzer (by its parameter v_batt); 0 without one, or where it says no
/// number.
float battery_voltage(const RobotView& view) noexcept;

/// Writes a DevData packet and returns its size. The largest possible one, every name and number at its
/// longest, fits: see device_data.cpp. Allocates nothing. `connected_ms`: since this driver station
/// connected.
std::size_t write_device_data(std::span<std::uint8_t, header_size + max_payload> out, const RobotView& view,
                              std::int64_t connected_ms) noexcept;

}  // namespace runtime::net
