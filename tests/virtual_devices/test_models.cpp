#include "tests/virtual_devices/test_models.hpp"

#include <cmath>
#include <numbers>

namespace runtime::virtual_devices {
namespace {

/// A model whose values change while it is enabled, at fixed intervals that count from when it was switched
/// on, one change a step at most.
class Stepping : public Model {
  public:
    Stepping(const DeviceType& type, Nanoseconds interval) : Model(type), interval_(interval) {}
    void follow_world(Nanoseconds time) final {
        if (next_ == 0)
            next_ = time + interval_;
    }
    void step(Nanoseconds time) final {
        if (time < next_)
            return;
        next_ = time + interval_;
        change();
    }

  protected:
    virtual void change() = 0;
    void add(std::size_t parameter, std::int32_t amount) {
        values_[parameter].bits += static_cast<std::uint32_t>(amount);
    }
    void add(std::size_t parameter, float amount) {
        values_[parameter] = Value::of(values_[parameter].floating() + amount);
    }
    /// Starts again from `start` where the product is no ordinary number any more.
    void multiply(std::size_t parameter, float factor, float start) {
        const float product = values_[parameter].floating() * factor;
        values_[parameter] = Value::of(std::isnormal(product) ? product : start);
    }
    void toggle(std::size_t parameter) { values_[parameter] = Value::of(!values_[parameter].boolean()); }

  private:
    Nanoseconds interval_;
    Nanoseconds next_ = 0;
};

/// Its start values and steps are those of the firmware.
class DummyDevice : public Stepping {
  public:
    explicit DummyDevice(const DeviceType& type) : Stepping(type, 500 * millisecond) {
        values_[runtime] = Value::of(1);
        values_[shepherd] = Value::of(0.1F);
        values_[dawn] = Value::of(true);
        values_[devops] = Value::of(1);
        values_[atlas] = Value::of(0.1F);
        values_[infra] = Value::of(true);
        values_[funtime] = Value::of(-0.1F);
    }
    void reset() override {}
    std::string_view greeting() const override { return "the dummy device is enabled"; }

  protected:
    void change() override {
        add(runtime, 2);
        add(shepherd, 1.9F);
        toggle(dawn);
        add(devops, 1);
        add(atlas, 0.9F);
    }

  private:
    enum : std::size_t { runtime, shepherd, dawn, devops, atlas, infra, funtime = 13 };
};

class SimpleTestDevice : public Stepping {
  public:
    explicit SimpleTestDevice(const DeviceType& type) : Stepping(type, 500 * millisecond) {
        values_[doubling] = Value::of(1.0F);
    }

  protected:
    void change() override {
        add(increasing, 1);
        multiply(doubling, 2.0F, 1.0F);
        toggle(flip_flop);
    }

  private:
    enum : std::size_t { increasing, doubling, flip_flop };
};

class GeneralTestDevice : public Stepping {
  public:
    explicit GeneralTestDevice(const DeviceType& type) : Stepping(type, 500 * millisecond) {
        values_[increasing_odd] = Value::of(1);
        values_[decreasing_odd] = Value::of(-1);
        values_[increasing_flip] = Value::of(1);
        values_[always_leet] = Value::of(1337);
        values_[doubling] = Value::of(1.0F);
        values_[doubling_neg] = Value::of(-1.0F);
        values_[halfing] = Value::of(1.0F);
        values_[halfing_neg] = Value::of(-1.0F);
        values_[exp_one_pt_one] = Value::of(1.0F);
        values_[exp_one_pt_two] = Value::of(1.0F);
        values_[always_pi] = Value::of(std::numbers::pi_v<float>);
        values_[always_true] = Value::of(true);
    }

  protected:
    void change() override {
        add(increasing_odd, 2);
        add(decreasing_odd, -2);
        add(increasing_even, 2);
        add(decreasing_even, -2);
        const std::int32_t flip = values_[increasing_flip].integer();
        values_[increasing_flip] = Value::of(flip > 0 ? -(flip + 1) : -flip + 1);
        multiply(doubling, 2.0F, 1.0F);
        multiply(doubling_neg, 2.0F, -1.0F);
        multiply(halfing, 0.5F, 1.0F);
        multiply(halfing_neg, 0.5F, -1.0F);
        multiply(exp_one_pt_one, 1.1F, 1.0F);
        multiply(exp_one_pt_two, 1.2F, 1.0F);
        toggle(flip_flop);
    }

  private:
    enum : std::size_t {
        increasing_odd,
        decreasing_odd,
        increasing_even,
        decreasing_even,
        increasing_flip,
        always_leet,
        doubling,
        doubling_neg,
        halfing,
        halfing_neg,
        exp_one_pt_one,
        exp_one_pt_two,
        always_pi,
        flip_flop,
        always_true,
    };
};

/// Writing true to GET_TIME takes the time: milliseconds of CLOCK_MONOTONIC, cut to 31 bits.
class TimeTestDevice : public Model {
  public:
    using Model::Model;
    bool write(std::size_t parameter, Value value, Nanoseconds time) override {
        values_[parameter] = value;
        if (parameter == get_time && value.boolean())
            values_[timestamp] = Value::of(static_cast<std::int32_t>(time / millisecond & 0x7FFFFFFF));
        return true;
    }

  private:
    enum : std::size_t { get_time, timestamp };
};

/// Counts its actions and hangs for ever after some.
class UnstableTestDevice : public Stepping {
  public:
    explicit UnstableTestDevice(const DeviceType& type) : Stepping(type, 100 * millisecond) {}
    bool dead() const override { return values_[0].integer() >= last_action; }

  protected:
    void change() override { add(0, 1); }

  private:
    static constexpr std::int32_t last_action = 50;
};

}  // namespace

std::unique_ptr<Model> make_test_model(const DeviceType& type) {
    const auto is = [&](std::string_view name, std::size_t parameters) {
        return type.name() == name && type.parameter_count == parameters;
    };
    if (is("DummyDevice", 16))
        return std::make_unique<DummyDevice>(type);
    if (is("TimeTestDevice", 2))
        return std::make_unique<TimeTestDevice>(type);
    if (is("UnstableTestDevice", 1))
        return std::make_unique<UnstableTestDevice>(type);
    if (is("SimpleTestDevice", 4))
        return std::make_unique<SimpleTestDevice>(type);
    if (is("GeneralTestDevice", 32))
        return std::make_unique<GeneralTestDevice>(type);
    return nullptr;
}

}  // namespace runtime::virtual_devices
