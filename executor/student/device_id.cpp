#include "executor/student/device_id.hpp"

#include <charconv>

namespace runtime::student {
namespace {

/// The number that begins at `at`, which moves behind it. False if none does.
template <class T>
bool take_number(const char*& at, const char* end, std::optional<T>& number) noexcept {
    T value{};
    const auto taken = std::from_chars(at, end, value);
    if (taken.ec == std::errc())
        number = value;
    at = taken.ptr;
    return taken.ec != std::errc::invalid_argument;
}

}  // namespace

std::optional<DeviceId> parse_device_id(std::string_view text) noexcept {
    DeviceId id{};
    const char* at = text.data();
    const char* const end = at + text.size();
    if (!take_number(at, end, id.type) || at == end || *at++ != '_' || !take_number(at, end, id.uid) ||
        at != end)
        return std::nullopt;
    return id;
}

std::string device_name(std::uint8_t type, std::uint64_t uid) {
    return std::to_string(type) + "_" + std::to_string(uid);
}

}  // namespace runtime::student
