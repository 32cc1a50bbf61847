#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runtime::student {

/// Which device a student program means: "6_12345". A number that is larger than any that a device can have
/// is a number all the same: it names a device that is not connected.
struct DeviceId {
    std::optional<std::uint8_t> type;  ///< nothing: above 255, so that there is no such type
    std::optional<std::uint64_t> uid;  ///< nothing: it takes more than 64 bits
    friend bool operator==(const DeviceId&, const DeviceId&) noexcept = default;
};

/// Nothing if `text` is not "{type}_{uid}", both decimal.
std::optional<DeviceId> parse_device_id(std::string_view text) noexcept;

/// As students write it.
std::string device_name(std::uint8_t type, std::uint64_t uid);

}  // namespace runtime::student
