/// The main job on real input: packets recorded from a driver station drive a student program, and a device
/// whose frames were recorded from its real firmware receives the writes.
#include <catch2/catch.hpp>

#include "tests/support/fake_device.hpp"
#include "tests/support/recording.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime::test;

namespace {

const std::string student_code = R"(
KOALA_BEAR = "6_81985529216486895"  # 0x0123456789ABCDEF, as recorded

def teleop_main():
    if Gamepad.get_value("button_a"):
        Robot.set_value(KOALA_BEAR, "velocity_a", 0.5)
    else:
        Robot.set_value(KOALA_BEAR, "velocity_a", 0.0)
)";

constexpr std::uint32_t velocity_a = 1U << 0;
constexpr std::uint32_t velocity_b = 1U << 8;

/// The device's side of a recording: acknowledges the first PING with the recorded frame, then streams the
/// recorded DEVICE_DATA, and keeps what it is written.
class RecordedDevice {
  public:
    RecordedDevice(const std::string& path, Recording recording)
        : port_(path), recording_(std::move(recording)) {}

    bool acknowledge() {
        if (!port_.read_until(wire::ping))
            return false;
        port_.write(first("ACK"));
        port_.write(first("DEVICE_DATA"));
        return true;
    }

    /// Whether a DEVICE_WRITE of velocity_a with this value comes. The recorded data go on meanwhile,
    /// one frame for each frame that the host sends.
    bool is_written(float value) {
        while (const auto message = port_.read()) {
            port_.write(first("DEVICE_DATA"));
            if (message->id != wire::device_write)
                continue;
            // The student code commands one velocity; a stop writes both.
            const std::uint32_t bitmap = wire::u32(message->payload, 0);
            CHECK((bitmap == velocity_a || bitmap == (velocity_a | velocity_b)));
            CHECK(message->payload.size() == (bitmap == velocity_a ? 8U : 12U));
            if (wire::u32(message->payload, 4) == runtime::Value::of(value).bits)
                return true;
        }
        return false;
    }

    int bad_frames() const { return port_.bad_frames(); }

  private:
    const Bytes& first(const std::string& kind) const {
        for (const auto& event : recording_.events)
            if (event.from_device && event.kind == kind)
                return event.frame;
        throw std::runtime_error("the recording has no " + kind);
    }

    FakePort port_;
    Recording recording_;
};

}  // namespace

TEST_CASE("recorded packets select TELEOP and press a button, and the recorded device is driven") {
    const Robot robot;
    RecordedDevice device(robot.directory() + "/ttyACM0", Recording::load("KoalaBear"));
    WholeRobot daemons(robot, robot.directory() + "/ttyACM*", student_code);

    DriverStation dawn = DriverStation::silent(daemons.port());
    dawn.send_recorded("dawn_ident");
    dawn.keep_sending_recorded("dawn_inputs_gamepad_neutral");
    const auto is_shown = [](const DevData& data) {
        return find_parameter(data, "6_81985529216486895", "pid_kp_a") != nullptr;
    };
    // Where starting took longer than dev_handler waits for an answer, the first PING is one of an attempt
    // that it has given up.
    std::optional<DevData> connected;
    REQUIRE(wait_until([&] {
        REQUIRE(device.acknowledge());
        connected = dawn.wait_for_devices(is_shown, std::chrono::seconds(5));
        return connected.has_value();
    }));
    // Of the recording's first DEVICE_DATA: 3d4ccccd and 3d3851ec.
    CHECK(find_parameter(*connected, "6_81985529216486895", "deadband_a")->fval() == Approx(0.05F));
    CHECK(find_parameter(*connected, "6_81985529216486895", "pid_kp_a")->fval() == Approx(0.045F));

    dawn.send_recorded("dawn_mode_teleop");
    dawn.keep_sending_recorded("dawn_inputs_gamepad_btn00_button_a");
    CHECK(device.is_written(0.5F));
    SECTION("the button is released") {
        dawn.keep_sending_recorded("dawn_inputs_gamepad_neutral");
        CHECK(device.is_written(0.0F));
    }
    SECTION("the gamepad is unplugged") {
        dawn.keep_sending_recorded("dawn_inputs_gamepad_disconnected");
        CHECK(device.is_written(0.0F));
    }
    SECTION("IDLE, with the button still pressed") {
        dawn.send_recorded("dawn_mode_idle");
        CHECK(device.is_written(0.0F));
    }
    SECTION("the field control ends the match") {
        DriverStation shepherd = DriverStation::silent(daemons.port());
        shepherd.send_recorded("shepherd_ident");
        shepherd.send_recorded("shepherd_mode_idle");
        CHECK(device.is_written(0.0F));
    }
    CHECK(device.bad_frames() == 0);
}
