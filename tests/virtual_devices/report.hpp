#pragma once
#include <string>

#include "tests/virtual_devices/simulation.hpp"

namespace runtime::virtual_devices {

/// What the commands tell, each as JSON in one line. Times are CLOCK_MONOTONIC in nanoseconds, 0 for never.

/// Who and where: index, type, number, uid, year, port, terminal, plugged, open, enabled, dead.
std::string describe(const Link& link, std::size_t index);
/// The same of all.
std::string describe_all(Simulation& simulation);
/// What every parameter holds.
std::string values_of(const Device& device);
/// How often each parameter was written, its last value, and when.
std::string writes_of(const Device& device);
/// Frames sent and received.
std::string frames_of(const Link& link);
/// Whether it is told to move, and the changes of that since the last call.
std::string motion_of(Link& link);
/// Pose, battery and what the sensors see.
std::string world_of(const World& world);

}  // namespace runtime::virtual_devices
