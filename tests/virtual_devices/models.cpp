#include "tests/virtual_devices/models.hpp"

#include "tests/virtual_devices/robot_models.hpp"
#include "tests/virtual_devices/test_models.hpp"

namespace runtime::virtual_devices {

bool Model::write(std::size_t parameter, Value value, Nanoseconds /*time*/) {
    values_[parameter] = value;
    return true;
}

void Model::reset() {
    for (std::size_t i = 0; i < type_.parameter_count; ++i)
        if (type_.parameters[i].stop)
            values_[i] = {};
}

void Model::step(Nanoseconds /*time*/) {}

std::unique_ptr<Model> make_model(const DeviceType& type, World& world, std::size_t device) {
    if (auto model = make_robot_model(type, world, device))
        return model;
    if (auto model = make_test_model(type))
        return model;
    return std::make_unique<Model>(type);
}

std::uint8_t recorded_year(std::string_view type) noexcept {
    if (type == "DummyDevice" || type == "KoalaBear")
        return 13;
    return type == "LimitSwitch" ? 0 : 1;
}

}  // namespace runtime::virtual_devices
