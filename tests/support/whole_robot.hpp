#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tests/support/driver_station.hpp"
#include "tests/support/process.hpp"
#include "tests/support/robot.hpp"

namespace runtime::test {

/// The three daemons of a robot, running, with student code in a file of its own.
class WholeRobot {
  public:
    /// Starts the daemons one after the other, each when the one before is ready. `ports`: for dev_handler.
    /// Throws std::runtime_error with the output of a daemon that does not start.
    WholeRobot(const Robot& robot, const std::string& ports, const std::string& student_code);

    /// Ends the daemons (end_well).
    ~WholeRobot();
    WholeRobot(const WholeRobot&) = delete;
    WholeRobot& operator=(const WholeRobot&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    /// Replaces the student code.
    void write_student_code(const std::string& text) const;

    Process& dev_handler() noexcept { return *dev_handler_; }
    Process& executor() noexcept { return *executor_; }
    Process& net_handler() noexcept { return *net_handler_; }

  private:
    std::string student_code_file_;
    // In the order of their start.
    std::optional<Process> dev_handler_;
    std::optional<Process> executor_;
    std::optional<Process> net_handler_;
    std::uint16_t port_ = 0;
};

}  // namespace runtime::test
