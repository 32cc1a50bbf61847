#pragma once
#include <memory>

#include "tests/virtual_devices/models.hpp"

namespace runtime::virtual_devices {

/// The models of DummyDevice and of the types of test devices. Null for any other name, and for a type of one
/// of these names that has other parameters than the one in the field.
std::unique_ptr<Model> make_test_model(const DeviceType& type);

}  // namespace runtime::virtual_devices
