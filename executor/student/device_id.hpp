#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runtime::student {

/// Which device a student program means: "6_12345".
struct DeviceId {
    std::uint8_t type;
    std::uint64_t uid;
    friend bool operator==(DeviceId, DeviceId) noexcept = default;
};

/// Nothing if `text` is not "{type}_{uid}", both decimal, the type at most 255.
std::optional<DeviceId> parse_device_id(std::string_view text) noexcept;

std::string to_string(DeviceId id);

}  // namespace runtime::student
