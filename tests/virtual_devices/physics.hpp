#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <utility>

namespace runtime::virtual_devices {

/// A motor with its encoder. The device sets `duty`; the world moves the rest.
struct Motor {
    double duty = 0;      ///< [-1, 1] of the battery's voltage
    double speed = 0;     ///< in parts of the speed that full duty reaches on a full battery
    double position = 0;  ///< in ticks of the encoder
    double current = 0;   ///< amperes
};

/// What the sensors of the robot see.
struct Surroundings {
    /// Front left, front right, rear: whether that bumper touches a wall.
    std::array<bool, 3> switches{};
    /// Left, center, right: how much of the light comes back, 0 (dark floor) to 1 (the bright line).
    std::array<float, 3> line{0.15F, 0.9F, 0.15F};
    /// From the front of the robot straight ahead to the wall, in centimetres.
    float distance = 100;
    /// Whether the wall is near enough to return an echo.
    bool echo = true;
    /// Volts of the battery's three cells.
    std::array<float, 3> cells{4.1F, 4.1F, 4.1F};
    bool network_switch = true;
};

/// Where the robot is. The origin is the field's lower left corner; heading 0 looks along +x,
/// counter-clockwise.
struct Pose {
    double x;        ///< metres
    double y;        ///< metres
    double heading;  ///< radians
};

/// A small model of a robot with two driven wheels on a square field with walls and a line on the floor, and
/// of its battery. The first two motors (of the first device that has any) drive the left and the right
/// wheel; others turn freely. Pure: it moves only in step().
class World {
  public:
    static constexpr double field = 3.66;            ///< side of the field, metres
    static constexpr double half_body = 0.2;         ///< half the side of the robot's square body, metres
    static constexpr double track = 0.34;            ///< distance of the wheels, metres
    static constexpr double full_speed = 1.0;        ///< metres a second at full duty on a full battery
    static constexpr double ticks_per_metre = 4584;  ///< 1440 ticks a turn of a wheel of 10 cm
    static constexpr double echo_limit = 400;        ///< centimetres beyond which there is no echo

    World();

    /// The motor number `index` of a device, made when first asked for. Lives as long as the world, so a
    /// device that is switched off and on finds its motors again.
    Motor& motor(std::size_t device, std::size_t index);
    /// Moves everything on by `seconds`, in steps fine enough to be stable.
    void step(double seconds);
    /// Takes the power from a device's motors.
    void stop_motors(std::size_t device);
    /// Puts the robot somewhere (inside the walls).
    void place(Pose pose);
    /// Sets the voltage of each cell without load.
    void charge(double volts);

    const Pose& pose() const noexcept { return pose_; }
    const Surroundings& surroundings() const noexcept { return surroundings_; }
    /// For tests of a single device, which set by hand what it sees.
    Surroundings& surroundings() noexcept { return surroundings_; }

  private:
    void move(double seconds);
    void drive(double seconds);
    void sense();
    void keep_inside();

    std::map<std::pair<std::size_t, std::size_t>, Motor> motors_;
    Pose pose_{};
    Surroundings surroundings_;
    double resting_cell_ = 4.1;
    double voltage_share_ = 1;  // of a full battery
};

/// Distance of a point of the field from the middle of the line, in metres.
double distance_to_line(double x, double y);
/// Distance from a point inside the field to the wall in direction `heading`, in metres.
double distance_to_wall(double x, double y, double heading);

}  // namespace runtime::virtual_devices
