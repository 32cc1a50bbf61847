#pragma once
#include <array>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/robot.hpp"

namespace runtime::test {

enum class Daemon : std::uint8_t { dev_handler, executor, net_handler };
inline constexpr std::array all_daemons{Daemon::dev_handler, Daemon::executor, Daemon::net_handler};
std::string_view name_of(Daemon daemon) noexcept;

/// Stands in for the service manager: starts the daemons, each with shm_start --only-missing before it as
/// their units do, and starts again what has ended. One thread.
class Services {
  public:
    /// Starts all three and waits until they are ready. `ports`: for dev_handler; the others: for executor.
    /// Throws std::runtime_error with the output of one that does not become ready.
    Services(const Robot& robot, std::string ports, std::string student_code, std::string scratch);

    /// Ends the daemons that are ready (end_well).
    ~Services();
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    Process& operator[](Daemon daemon) noexcept { return *processes_[index(daemon)]; }
    void kill(Daemon daemon) { signal(daemon, SIGKILL); }
    /// For SIGKILL and SIGTERM also waits for the end. Throws std::runtime_error where that does not come, or
    /// is not of status 0 after SIGTERM.
    void signal(Daemon daemon, int number);
    /// Starts every daemon that has ended, in the order of their units, and does not wait for them.
    void start_what_ended();
    /// Waits until those that were started are ready. Throws std::runtime_error where one does not become so.
    void await_ready();
    /// The port of net_handler, once it is ready.
    std::uint16_t port() const noexcept { return port_; }
    /// How long the first start of all three has taken: tells how slow this machine is.
    Nanoseconds starting_time() const noexcept { return starting_time_; }
    /// How often a daemon was started.
    int starts(Daemon daemon) const noexcept { return starts_[index(daemon)]; }

  private:
    static std::size_t index(Daemon daemon) noexcept { return static_cast<std::size_t>(daemon); }
    void start(Daemon daemon);

    const Robot& robot_;
    std::array<std::vector<std::string>, all_daemons.size()> arguments_;
    std::array<std::optional<Process>, all_daemons.size()> processes_;
    std::array<bool, all_daemons.size()> ready_{};
    std::array<int, all_daemons.size()> starts_{};
    std::uint16_t port_ = 0;
    Nanoseconds starting_time_ = 0;
};

}  // namespace runtime::test
