#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/robot.hpp"

namespace runtime::test {

/// The program virtual_devices, running for a test with its ports in a directory of the robot's own. Ends
/// with the object. tests/virtual_devices/README.md lists the devices, faults and commands.
class VirtualDevices {
  public:
    /// Starts it and waits until the ports are there. `devices`: TYPE[:UID][@FAULT,…] each, reached by their
    /// numbers 0, 1 …; `options`: further options of the program. Throws std::runtime_error with its output
    /// if it does not start.
    VirtualDevices(const Robot& robot, const std::vector<std::string>& devices,
                   const std::vector<std::string>& options = {});

    /// For `dev_handler --ports`: matches every port.
    std::string ports() const { return directory_ + "/ttyVIRTUAL*"; }
    /// The port of device `index`, unless it was replugged under another name.
    std::string port(std::size_t index) const { return directory_ + "/ttyVIRTUAL" + std::to_string(index); }

    /// Gives a command and returns the answer behind its "ok". Throws std::runtime_error with an answer that
    /// is an error, and where none comes.
    std::string command(const std::string& line);
    /// The same for the commands that answer in JSON: list, device, values, writes, frames, motion, world.
    nlohmann::json ask(const std::string& line) { return nlohmann::json::parse(command(line)); }
    /// Waits until `condition` holds for device `index`, such as "velocity_a == 0.5", "enabled == 1", "writes
    /// >= 3". When it was seen to hold, in CLOCK_MONOTONIC; 0 if it did not in time.
    Nanoseconds await(std::size_t index, const std::string& condition,
                      std::chrono::milliseconds limit = patience);

    Process& process() noexcept { return process_; }

  private:
    std::string answer(const std::string& line);

    std::string directory_;
    Process process_;
};

}  // namespace runtime::test
