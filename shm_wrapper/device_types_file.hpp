#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "shm_wrapper/layout.hpp"

namespace runtime {

/// What is wrong with a device types file: one line, with the file and, where it is known, the place in it.
class DeviceTypesError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Reads device types in protobuf text format (proto/device_types.proto) and validates them: numbers 0-255,
/// unique and not custom_data_type; names non-empty, printable, unique, at most 31 bytes; 1-32 parameters of
/// a known kind that are readable or writable; a stop parameter is writable; bounds are finite, in order,
/// complete, and include zero where the parameter is a stop parameter; no parameter is named "id" (the driver
/// station uses that key itself). `file` is only for messages. Throws DeviceTypesError.
DeviceTypes parse_device_types(const std::string& text, const std::string& file);

/// parse_device_types of the file at `path`. Throws DeviceTypesError, also if it cannot be read.
DeviceTypes read_device_types(const std::string& path);

}  // namespace runtime
