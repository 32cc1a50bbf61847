#include "executor/student/device_id.hpp"

#include <charconv>

namespace runtime::student {

std::optional<DeviceId> parse_device_id(std::string_view text) noexcept {
    DeviceId id{};
    const char* const end = text.data() + text.size();
    const auto type = std::from_chars(text.data(), end, id.type);
    if (type.ec != std::errc() || type.ptr == end || *type.ptr != '_')
        return std::nullopt;
    const auto uid = std::from_chars(type.ptr + 1, end, id.uid);
    if (uid.ec != std::errc() || uid.ptr != end)
        return std::nullopt;
    return id;
}

std::string to_string(DeviceId id) {
    return std::to_string(id.type) + "_" + std::to_string(id.uid);
}

}  // namespace runtime::student
