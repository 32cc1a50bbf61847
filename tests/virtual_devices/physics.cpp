#include "tests/virtual_devices/physics.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

namespace runtime::virtual_devices {
namespace {

constexpr double largest_step = 0.005;        // seconds
constexpr double motor_lag = 0.08;            // time constant of a motor's speed, seconds
constexpr double idle_current = 0.1;          // of the electronics, amperes
constexpr double running_current = 2.0;       // of a motor at full speed without load
constexpr double stall_current = 18.0;        // more, of a motor at full duty that stands
constexpr double cell_resistance = 0.015;     // ohms
constexpr double full_cell = 4.1;             // volts
constexpr double cell_capacity = 3.0 * 3600;  // ampere seconds from full to empty
constexpr double cell_range = 1.1;            // volts from full to empty

// The line is a rounded rectangle around the middle of the field.
constexpr double line_half_length = 1.2;
constexpr double line_half_width = 0.9;
constexpr double line_corner = 0.5;
constexpr double line_thickness = 0.05;
// Its sensors look at the floor ahead of the wheels.
constexpr double line_sensors_ahead = 0.08;
constexpr std::array<double, 3> line_sensors_left{0.03, 0.0, -0.03};

constexpr double bumper_travel = 0.01;

struct Point {
    double x;
    double y;
};

/// A point of the robot's body, `ahead` and to the `left` of its middle.
Point body_point(const Pose& pose, double ahead, double left) {
    const double c = std::cos(pose.heading);
    const double s = std::sin(pose.heading);
    return {pose.x + ahead * c - left * s, pose.y + ahead * s + left * c};
}

bool touches_wall(Point point) {
    const auto outside = [](double at) { return at < bumper_travel || at > World::field - bumper_travel; };
    return outside(point.x) || outside(point.y);
}

}  // namespace

double distance_to_line(double x, double y) {
    const double dx = std::abs(x - World::field / 2) - (line_half_length - line_corner);
    const double dy = std::abs(y - World::field / 2) - (line_half_width - line_corner);
    const double outside = std::hypot(std::max(dx, 0.0), std::max(dy, 0.0));
    const double inside = std::min(std::max(dx, dy), 0.0);
    return std::abs(outside + inside - line_corner);
}

double distance_to_wall(double x, double y, double heading) {
    const auto along = [](double at, double direction) {
        if (std::abs(direction) < 1e-9)
            return 10 * World::field;
        return ((direction > 0 ? World::field : 0.0) - at) / direction;
    };
    return std::max(0.0, std::min(along(x, std::cos(heading)), along(y, std::sin(heading))));
}

World::World() {
    // On the lower straight of the line, looking along it.
    place({field / 2, field / 2 - line_half_width, 0});
}

Motor& World::motor(std::size_t device, std::size_t index) {
    return motors_[{device, index}];
}

void World::stop_motors(std::size_t device) {
    for (auto& [key, motor] : motors_)
        if (key.first == device)
            motor.duty = 0;
}

void World::charge(double volts) {
    resting_cell_ = std::max(0.0, volts);
    voltage_share_ = resting_cell_ / full_cell;
}

void World::place(Pose pose) {
    pose_ = pose;
    keep_inside();
    sense();
}

void World::step(double seconds) {
    while (seconds > 0) {
        const double part = std::min(seconds, largest_step);
        move(part);
        seconds -= part;
    }
    sense();
}

void World::move(double seconds) {
    const double gain = 1 - std::exp(-seconds / motor_lag);
    double current = idle_current;
    for (auto& [key, motor] : motors_) {
        const double target = motor.duty * voltage_share_;
        const double slip = std::abs(target - motor.speed);
        motor.current = running_current * std::abs(motor.speed) + stall_current * slip;
        motor.speed += (target - motor.speed) * gain;
        motor.position += motor.speed * full_speed * ticks_per_metre * seconds;
        current += motor.current;
    }
    resting_cell_ = std::max(0.0, resting_cell_ - current * seconds * cell_range / cell_capacity);
    const double cell = std::max(0.0, resting_cell_ - current * cell_resistance);
    surroundings_.cells.fill(static_cast<float>(cell));
    voltage_share_ = cell / full_cell;
    drive(seconds);
}

void World::drive(double seconds) {
    if (motors_.size() < 2)
        return;
    const double left = motors_.begin()->second.speed * full_speed;
    const double right = std::next(motors_.begin())->second.speed * full_speed;
    const double middle = pose_.heading + (right - left) / track * seconds / 2;
    pose_.x += (left + right) / 2 * std::cos(middle) * seconds;
    pose_.y += (left + right) / 2 * std::sin(middle) * seconds;
    pose_.heading = std::remainder(pose_.heading + (right - left) / track * seconds, 2 * std::numbers::pi);
    keep_inside();
}

void World::keep_inside() {
    if (!std::isfinite(pose_.x) || !std::isfinite(pose_.y) || !std::isfinite(pose_.heading))
        pose_ = {field / 2, field / 2, 0};
    const double extent = half_body * (std::abs(std::cos(pose_.heading)) + std::abs(std::sin(pose_.heading)));
    pose_.x = std::clamp(pose_.x, extent, field - extent);
    pose_.y = std::clamp(pose_.y, extent, field - extent);
}

void World::sense() {
    for (std::size_t i = 0; i < line_sensors_left.size(); ++i) {
        const Point at = body_point(pose_, line_sensors_ahead, line_sensors_left[i]);
        const double off = distance_to_line(at.x, at.y) / line_thickness;
        surroundings_.line[i] = static_cast<float>(0.15 + 0.75 * std::exp(-2 * off * off));
    }
    const Point front = body_point(pose_, half_body, 0);
    const double ahead = 100 * distance_to_wall(front.x, front.y, pose_.heading);
    surroundings_.distance = static_cast<float>(ahead);
    surroundings_.echo = ahead < echo_limit;
    surroundings_.switches = {
        touches_wall(body_point(pose_, half_body, half_body)),
        touches_wall(body_point(pose_, half_body, -half_body)),
        touches_wall(body_point(pose_, -half_body, half_body)) ||
            touches_wall(body_point(pose_, -half_body, -half_body)),
    };
}

}  // namespace runtime::virtual_devices
