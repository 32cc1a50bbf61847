#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "shm_wrapper/clock.hpp"
#include "shm_wrapper/layout.hpp"
#include "tests/virtual_devices/physics.hpp"

namespace runtime::virtual_devices {

/// What a device of one type is besides its conversation: its values, what writing and a reset do to them,
/// and how they follow the world. This base is a type that nothing is known about: it keeps what is written,
/// reports zeros otherwise, and a reset sets its stop parameters to zero. Pure: time comes in.
class Model {
  public:
    explicit Model(const DeviceType& type) : type_(type) {}
    virtual ~Model() = default;

    /// Writes a writable parameter. False: the firmware refuses the value, and then consumes none of its
    /// bytes.
    virtual bool write(std::size_t parameter, Value value, Nanoseconds time);
    /// What RST and the watchdog do to the outputs.
    virtual void reset();
    /// Brings the values up to date. Called before each DEVICE_DATA, and only while the device is enabled.
    virtual void step(Nanoseconds time);
    /// Carries out what goes on whether the device is enabled or not (a motor turns, an encoder counts).
    /// Called with every turn of the device's loop, from its first on.
    virtual void follow_world(Nanoseconds /*time*/) {}
    /// What it has to say when it becomes enabled, besides that it acknowledged; empty: nothing.
    virtual std::string_view greeting() const { return {}; }
    /// How long its loop stands still after it has acknowledged, and from `time` on before its next frame.
    virtual Nanoseconds pause_after_acknowledgement() const { return 0; }
    virtual Nanoseconds pause_before_data() const { return 0; }
    /// Whether it has died by itself: it neither sends nor reads any more.
    virtual bool dead() const { return false; }

    const std::array<Value, max_parameters>& values() const noexcept { return values_; }

  protected:
    const DeviceType& type() const noexcept { return type_; }

    std::array<Value, max_parameters> values_{};

  private:
    const DeviceType& type_;
};

/// The model for a type, by its name. `world` and `type` outlive it; `device` tells whose motors are meant.
std::unique_ptr<Model> make_model(const DeviceType& type, World& world, std::size_t device);

/// The year that the firmware of this type acknowledges with, as recorded from real ones.
std::uint8_t recorded_year(std::string_view type) noexcept;

}  // namespace runtime::virtual_devices
