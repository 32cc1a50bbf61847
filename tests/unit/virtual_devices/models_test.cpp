#include "tests/virtual_devices/models.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "tests/unit/virtual_devices/support.hpp"

namespace runtime::virtual_devices {
namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

void enable(Bench& bench) {
    bench.host(MessageId::ping);
    bench.pass(200 * millisecond);
}

/// Keeps the device enabled for a while.
void run(Bench& bench, Nanoseconds span, bool moving = false) {
    for (; span > 0; span -= 100 * millisecond) {
        bench.host(MessageId::ping);
        bench.pass(100 * millisecond, moving);
    }
}

}  // namespace

TEST_CASE("a KoalaBear bounds velocities itself, and nothing else") {
    Bench bench("KoalaBear");
    bench.host(MessageId::device_write,
               Payload().integer(0x113).floating(3).floating(7).integer(9).floating(-3));
    CHECK(bench.floating("velocity_a") == 1.0F);
    CHECK(bench.floating("deadband_a") == 7.0F);
    bench.host(MessageId::device_write, Payload().integer(0x101).floating(not_a_number).floating(-INFINITY));
    CHECK(bench.floating("velocity_a") == 0.0F);
    CHECK(bench.floating("velocity_b") == -1.0F);
}

TEST_CASE("a reset of a KoalaBear clears velocities and PID, and keeps deadband, invert and encoders") {
    Bench bench("KoalaBear");
    bench.host(MessageId::device_write, Payload()
                                            .integer(0xFF)
                                            .floating(0.5F)
                                            .floating(0.25F)
                                            .boolean(1)
                                            .boolean(1)
                                            .floating(1)
                                            .floating(2)
                                            .floating(3)
                                            .integer(1000));
    bench.host(MessageId::reset);
    CHECK(bench.floating("velocity_a") == 0.0F);
    CHECK(bench.floating("deadband_a") == 0.25F);
    CHECK(bench.integer("invert_a") == 1);
    CHECK(bench.integer("pid_enabled_a") == 0);
    CHECK(bench.floating("pid_kp_a") == 0.045F);
    CHECK(bench.floating("pid_ki_a") == 0.35F);
    CHECK(bench.floating("pid_kd_a") == 0.001F);
    CHECK(bench.integer("enc_a") == 1000);
}

TEST_CASE("a KoalaBear's encoders follow its velocities, can be set, and stop in the deadband") {
    Bench bench("KoalaBear");
    enable(bench);
    bench.host(MessageId::device_write, Payload().integer(0x101).floating(0.5F).floating(-0.5F));
    run(bench, second, true);
    const auto forward = bench.integer("enc_a");
    CHECK(forward > 1000);
    CHECK(bench.integer("enc_b") == Approx(-forward).margin(2));

    bench.host(MessageId::device_write, Payload().integer(0x80).integer(0));
    CHECK(bench.integer("enc_a") == 0);

    bench.host(MessageId::device_write, Payload().integer(0x101).floating(0.04F).floating(0.04F));
    run(bench, second, true);
    const auto standing = bench.integer("enc_a");
    run(bench, second, true);
    CHECK(bench.integer("enc_a") == standing);
}

TEST_CASE("an inverted motor turns the other way, and its encoder counts along the commanded velocity") {
    Bench bench("KoalaBear");
    enable(bench);
    bench.host(MessageId::device_write, Payload().integer(0x5).floating(0.5F).boolean(7));
    run(bench, second, true);
    CHECK(bench.world.motor(0, 0).speed < -0.4);
    CHECK(bench.integer("enc_a") > 1000);
}

TEST_CASE("a motor stops when its device's watchdog bites") {
    Bench bench("KoalaBear");
    enable(bench);
    bench.host(MessageId::device_write, Payload().integer(1).floating(1));
    bench.pass(900 * millisecond, true);
    CHECK(bench.world.motor(0, 0).duty == 1);
    bench.pass(200 * millisecond, true);
    CHECK(bench.world.motor(0, 0).duty == 0);
}

TEST_CASE("a ServoControl ignores a value out of range, and then the other one's behind it") {
    Bench bench("ServoControl");
    bench.host(MessageId::device_write, Payload().integer(3).floating(0.5F).floating(-0.5F));
    bench.host(MessageId::device_write, Payload().integer(3).floating(1.5F).floating(0.25F));
    CHECK(bench.floating("servo0") == 0.5F);
    CHECK(bench.floating("servo1") == -0.5F);
    bench.host(MessageId::device_write, Payload().integer(1).floating(not_a_number));
    CHECK(bench.floating("servo0") == 0.5F);
    // The values of a frame are taken one after the other: what came before the bad one is kept.
    bench.host(MessageId::device_write, Payload().integer(3).floating(0.75F).floating(-2.0F));
    CHECK(bench.floating("servo0") == 0.75F);
    CHECK(bench.floating("servo1") == -0.5F);
    bench.host(MessageId::device_write, Payload().integer(1).floating(0.5F));
    bench.host(MessageId::reset);
    CHECK(bench.floating("servo0") == 0.5F);
}

TEST_CASE("a PolarBear's current follows its duty cycle, and a reset stops it") {
    Bench bench("PolarBear");
    enable(bench);
    bench.host(MessageId::device_write, Payload().integer(1).floating(0.25F));
    run(bench, second, true);
    const float slow = bench.floating("motor_current");
    bench.host(MessageId::device_write, Payload().integer(1).floating(1));
    run(bench, second, true);
    CHECK(slow > 0.1F);
    CHECK(bench.floating("motor_current") > 2 * slow);
    bench.host(MessageId::reset);
    CHECK(bench.floating("duty_cycle") == 0.0F);
}

TEST_CASE("PDB and BatteryBuzzer report the cells, and say when they are unsafe") {
    for (const char* type : {"PDB", "BatteryBuzzer"}) {
        Bench bench(type);
        bench.world.surroundings().cells = {4.0F, 3.5F, 3.75F};
        enable(bench);
        CHECK(bench.integer("is_unsafe") == 0);
        CHECK(bench.floating("v_cell2") == 3.5F);
        CHECK(bench.floating("v_batt") == 11.25F);
        bench.world.surroundings().cells[1] = 3.0F;
        bench.pass(10 * millisecond);
        CHECK(bench.integer("is_unsafe") == 1);
    }
}

TEST_CASE("an UltrasonicSensor without an echo sends one and a half frames a second, and is not lost") {
    Bench bench("UltrasonicSensor");
    bench.world.surroundings().echo = false;
    bench.host(MessageId::ping);
    for (int i = 0; i < 40; ++i) {
        bench.pass(250 * millisecond);
        bench.host(MessageId::ping);
    }
    CHECK(bench.count(MessageId::device_data) >= 14);
    CHECK(bench.count(MessageId::device_data) <= 16);
    CHECK(bench.count(MessageId::reset) == 0);
}

TEST_CASE("a TimeTestDevice takes the time when it is told to") {
    Bench bench("TimeTestDevice");
    bench.time = 123'456 * millisecond;
    bench.host(MessageId::device_write, Payload().integer(1).boolean(1));
    CHECK(bench.integer("TIMESTAMP") == 123'456);
    bench.time += second;
    bench.host(MessageId::device_write, Payload().integer(1).boolean(0));
    CHECK(bench.integer("TIMESTAMP") == 123'456);
}

TEST_CASE("an UnstableTestDevice counts its actions and then hangs") {
    Bench bench("UnstableTestDevice");
    run(bench, 3 * second);
    CHECK(bench.integer("NUM_ACTIONS") > 20);
    CHECK_FALSE(bench.device.dead());
    run(bench, 3 * second);
    CHECK(bench.device.dead());
    CHECK(bench.sent_in(second).empty());
}

TEST_CASE("the values of the test devices do what their names say") {
    Bench simple("SimpleTestDevice");
    run(simple, 1600 * millisecond);
    CHECK(simple.integer("INCREASING") == 3);
    CHECK(simple.floating("DOUBLING") == 8.0F);
    CHECK(simple.integer("FLIP_FLOP") == 1);
    simple.host(MessageId::device_write, Payload().integer(8).integer(Value::of(-5).bits));
    CHECK(simple.integer("MY_INT") == -5);
    simple.host(MessageId::reset);
    CHECK(simple.integer("MY_INT") == 0);

    Bench general("GeneralTestDevice");
    run(general, 1600 * millisecond);
    CHECK(general.integer("INCREASING_ODD") == 7);
    CHECK(general.integer("DECREASING_ODD") == -7);
    CHECK(general.integer("INCREASING_EVEN") == 6);
    CHECK(general.integer("DECREASING_EVEN") == -6);
    CHECK(general.integer("INCREASING_FLIP") == -4);
    CHECK(general.integer("ALWAYS_LEET") == 1337);
    CHECK(general.floating("DOUBLING") == 8.0F);
    CHECK(general.floating("DOUBLING_NEG") == -8.0F);
    CHECK(general.floating("HALFING") == 0.125F);
    CHECK(general.floating("HALFING_NEG") == -0.125F);
    CHECK(general.floating("EXP_ONE_PT_ONE") == Approx(1.331));
    CHECK(general.floating("EXP_ONE_PT_TWO") == Approx(1.728));
    CHECK(general.floating("ALWAYS_PI") == Approx(3.14159265));
    CHECK(general.integer("FLIP_FLOP") == 1);
    CHECK(general.integer("ALWAYS_TRUE") == 1);
    CHECK(general.integer("ALWAYS_FALSE") == 0);
    run(general, 200 * second);
    CHECK(std::isfinite(general.floating("DOUBLING")));
    CHECK(general.floating("HALFING") > 0.0F);
}

TEST_CASE("a type that nothing is known about keeps what is written and stops on a reset") {
    DeviceType unknown = field_type("SimpleTestDevice");
    unknown.name_bytes = {"Hovercraft"};
    World world;
    const auto model = make_model(unknown, world, 0);
    CHECK(model->write(3, Value::of(42), 1));
    model->step(10 * second);
    CHECK(model->values()[3] == Value::of(42));
    CHECK(model->values()[0] == Value::of(0));
    model->reset();
    CHECK(model->values()[3] == Value::of(0));
}

TEST_CASE("a known name with other parameters is treated as unknown") {
    DeviceType changed = field_type("KoalaBear");
    changed.parameter_count = 1;
    World world;
    const auto model = make_model(changed, world, 0);
    CHECK(model->write(0, Value::of(3.0F), 1));
    CHECK(model->values()[0] == Value::of(3.0F));
}

}  // namespace runtime::virtual_devices
