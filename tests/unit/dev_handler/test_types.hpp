#pragma once
#include <algorithm>
#include <string_view>

#include "shm_wrapper/device_types_file.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::test {

/// The types of the field, as shm_start publishes them.
inline const DeviceTypes& field_types() {
    static const DeviceTypes types =
        read_device_types(SOURCE_DIRECTORY "/shm_wrapper/device_types.textproto");
    return types;
}

inline const DeviceType& field_type(std::uint8_t number) {
    return *field_types().find(number);
}

inline constexpr std::uint8_t dummy_device = 0;
inline constexpr std::uint8_t servo_control = 4;
inline constexpr std::uint8_t polar_bear = 5;
inline constexpr std::uint8_t koala_bear = 6;
inline constexpr std::uint8_t ultrasonic_sensor = 8;
inline constexpr std::uint8_t simple_test_device = 62;
inline constexpr std::uint8_t general_test_device = 63;

}  // namespace runtime::test
