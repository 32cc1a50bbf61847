#include "tests/virtual_devices/robot_models.hpp"

#include <algorithm>
#include <cmath>

namespace runtime::virtual_devices {
namespace {

class LimitSwitch : public Model {
  public:
    LimitSwitch(const DeviceType& type, const World& world) : Model(type), world_(world) {}
    void step(Nanoseconds /*time*/) override {
        for (std::size_t i = 0; i < 3; ++i)
            values_[i] = Value::of(world_.surroundings().switches[i]);
    }

  private:
    const World& world_;
};

class LineFollower : public Model {
  public:
    LineFollower(const DeviceType& type, const World& world) : Model(type), world_(world) {}
    void step(Nanoseconds /*time*/) override {
        for (std::size_t i = 0; i < 3; ++i)
            values_[i] = Value::of(world_.surroundings().line[i]);
    }

  private:
    const World& world_;
};

/// BatteryBuzzer and PDB, which has a network switch besides.
class BatteryMonitor : public Model {
  public:
    BatteryMonitor(const DeviceType& type, const World& world) : Model(type), world_(world) {}
    void step(Nanoseconds /*time*/) override {
        static constexpr float safe_cell = 3.3F;
        const auto& cells = world_.surroundings().cells;
        const bool low =
            std::any_of(cells.begin(), cells.end(), [](float volts) { return volts < safe_cell; });
        const float total = cells[0] + cells[1] + cells[2];
        // Without a battery (fed by the cable) there is nothing to be unsafe.
        values_[0] = Value::of(low && total > 1.0F);
        values_[1] = Value::of(true);
        for (std::size_t i = 0; i < cells.size(); ++i)
            values_[2 + i] = Value::of(cells[i]);
        values_[5] = Value::of(total);
        if (type().parameter_count > 8)
            values_[8] = Value::of(world_.surroundings().network_switch);
    }

  private:
    const World& world_;
};

class ServoControl : public Model {
  public:
    using Model::Model;
    bool write(std::size_t parameter, Value value, Nanoseconds /*time*/) override {
        if (!(std::abs(value.floating()) <= 1.0F))
            return false;
        values_[parameter] = value;
        return true;
    }
    void reset() override {}
};

double bounded(float value) {
    return std::isnan(value) ? 0.0 : std::clamp(static_cast<double>(value), -1.0, 1.0);
}

class PolarBear : public Model {
  public:
    PolarBear(const DeviceType& type, World& world, std::size_t device)
        : Model(type), motor_(world.motor(device, 0)) {
        values_[deadband] = Value::of(0.05F);
    }
    bool write(std::size_t parameter, Value value, Nanoseconds /*time*/) override {
        values_[parameter] =
            parameter == duty_cycle ? Value::of(static_cast<float>(bounded(value.floating()))) : value;
        return true;
    }
    void step(Nanoseconds /*time*/) override {
        values_[motor_current] = Value::of(static_cast<float>(motor_.current));
    }
    void follow_world(Nanoseconds /*time*/) override {
        const float duty = values_[duty_cycle].floating();
        motor_.duty = std::abs(duty) < values_[deadband].floating() ? 0 : static_cast<double>(duty);
    }

  private:
    enum : std::size_t { duty_cycle, motor_current, deadband };
    Motor& motor_;
};

/// Two motors, a and b, with eight parameters each.
class KoalaBear : public Model {
  public:
    KoalaBear(const DeviceType& type, World& world, std::size_t device) : Model(type) {
        for (std::size_t i = 0; i < halves_.size(); ++i) {
            halves_[i].motor = &world.motor(device, i);
            halves_[i].last_position = halves_[i].motor->position;
        }
        for (std::size_t first = 0; first < 16; first += 8)
            values_[first + deadband] = Value::of(0.05F);
        stop();
    }
    bool write(std::size_t parameter, Value value, Nanoseconds /*time*/) override {
        const bool is_velocity = parameter % 8 == velocity;
        values_[parameter] = is_velocity ? Value::of(static_cast<float>(bounded(value.floating()))) : value;
        if (parameter % 8 == encoder)
            halves_[parameter / 8].fraction = 0;
        return true;
    }
    /// Deadband, invert and encoders stay as they are.
    void reset() override { stop(); }
    void follow_world(Nanoseconds /*time*/) override {
        for (std::size_t i = 0; i < halves_.size(); ++i)
            follow(halves_[i], &values_[8 * i]);
    }
    Nanoseconds pause_after_acknowledgement() const override { return 100 * millisecond; }

  private:
    enum : std::size_t { velocity, deadband, invert, pid_enabled, pid_kp, pid_ki, pid_kd, encoder };
    struct Half {
        Motor* motor = nullptr;
        double last_position = 0;
        double fraction = 0;  // of a tick, not yet counted
    };

    /// The numbers are those of the firmware.
    void stop() {
        for (std::size_t first = 0; first < 16; first += 8) {
            values_[first + velocity] = {};
            values_[first + pid_enabled] = {};
            values_[first + pid_kp] = Value::of(0.045F);
            values_[first + pid_ki] = Value::of(0.35F);
            values_[first + pid_kd] = Value::of(0.001F);
        }
    }

    /// The encoder counts in the direction of the commanded velocity, also where that is inverted.
    static void follow(Half& half, Value* values) {
        const double direction = values[invert].boolean() ? -1 : 1;
        const float commanded = values[velocity].floating();
        half.motor->duty = std::abs(commanded) < values[deadband].floating()
                               ? 0
                               : direction * static_cast<double>(commanded);
        half.fraction += direction * (half.motor->position - half.last_position);
        half.last_position = half.motor->position;
        const double whole = std::trunc(half.fraction);
        half.fraction -= whole;
        // Unsigned, so that it wraps around as the firmware's counter does.
        values[encoder].bits += static_cast<std::uint32_t>(static_cast<std::int64_t>(whole));
    }

    std::array<Half, 2> halves_;
};

/// Waits for the echo; where none comes, its whole loop waits.
class UltrasonicSensor : public Model {
  public:
    UltrasonicSensor(const DeviceType& type, const World& world) : Model(type), world_(world) {}
    void step(Nanoseconds /*time*/) override {
        if (world_.surroundings().echo)
            values_[0] = Value::of(world_.surroundings().distance);
    }
    Nanoseconds pause_before_data() const override {
        return world_.surroundings().echo ? 0 : 667 * millisecond;
    }

  private:
    const World& world_;
};

}  // namespace

std::unique_ptr<Model> make_robot_model(const DeviceType& type, World& world, std::size_t device) {
    const auto is = [&](std::string_view name, std::size_t parameters) {
        return type.name() == name && type.parameter_count == parameters;
    };
    if (is("LimitSwitch", 3))
        return std::make_unique<LimitSwitch>(type, world);
    if (is("LineFollower", 3))
        return std::make_unique<LineFollower>(type, world);
    if (is("BatteryBuzzer", 8) || is("PDB", 9))
        return std::make_unique<BatteryMonitor>(type, world);
    if (is("ServoControl", 2))
        return std::make_unique<ServoControl>(type);
    if (is("PolarBear", 3))
        return std::make_unique<PolarBear>(type, world, device);
    if (is("KoalaBear", 16))
        return std::make_unique<KoalaBear>(type, world, device);
    if (is("UltrasonicSensor", 1))
        return std::make_unique<UltrasonicSensor>(type, world);
    return nullptr;
}

}  // namespace runtime::virtual_devices
