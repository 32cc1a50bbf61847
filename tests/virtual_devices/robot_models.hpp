#pragma once
#include <memory>

#include "tests/virtual_devices/models.hpp"

namespace runtime::virtual_devices {

/// The models of the types that a robot is built of. Null for any other name, and for a type of one of these
/// names that has other parameters than the one in the field.
std::unique_ptr<Model> make_robot_model(const DeviceType& type, World& world, std::size_t device);

}  // namespace runtime::virtual_devices
