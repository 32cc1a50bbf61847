#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shm_wrapper/log_ring.hpp"
#include "tests/scenario/survival/block_observer.hpp"
#include "tests/scenario/survival/machine_stalls.hpp"
#include "tests/scenario/survival/processes.hpp"
#include "tests/scenario/survival/running_numbers.hpp"
#include "tests/scenario/survival/services.hpp"
#include "tests/support/driver_station.hpp"
#include "tests/support/virtual_devices.hpp"

namespace runtime::test {

/// Motion is not permitted from `since` on; it must have ended `limit` later.
struct Ban {
    Nanoseconds since;
    Nanoseconds limit;
};

/// A whole robot that runs counting_code, and a driver station. While it waits it goes on receiving, and
/// judges every line and value that comes. Whatever is wrong fails the test, with the last things that were
/// done. One thread.
class WatchedRobot {
  public:
    /// `scratch`: for executor; empty: a directory of the robot's own.
    explicit WatchedRobot(const std::string& scratch = "");

    /// Notes what is being done, for the report of a failure.
    void note(const std::string& what);
    [[noreturn]] void fail(const std::string& what);
    /// Waits until `holds`; fails the test if it does not.
    void await(const std::string& what, const std::function<bool()>& holds);
    /// Goes on for a while.
    void go_on(Nanoseconds duration);

    /// Connects the driver station, if it is not connected, and sends inputs.
    void connect();
    /// The connection is lost, or has been taken away.
    void forget_driver_station();
    bool connected() const noexcept { return dawn_.has_value(); }
    DriverStation& driver_station() { return *dawn_; }
    /// The driver station neither sends nor receives until connect() or listen(true).
    void listen(bool listens);

    /// Stops, then starts a mode, and waits until the motor turns.
    void drive(::RunMode::Mode mode);
    void await_motion();
    /// False if it goes on because nothing watches it.
    bool await_standstill();
    /// Whether it moves though its device has restarted: a device takes commands then, but has no watchdog
    /// until dev_handler has enabled it.
    bool moves_unwatched();
    bool enabled();
    /// Since when the motor turns.
    Nanoseconds moving_since() const { return motion_.back().from; }

    /// Fails if the motor was told to move between the end of the ban's limit and `until`. Processes that had
    /// to wait for a processor since `waits` began are allowed for.
    void check(const Ban& ban, Nanoseconds until, const ProcessorWaits& waits);
    /// Goes on until the limit of the ban and what is allowed for are over, for a few seconds at most: then a
    /// check() can judge, however busy the machine is.
    void go_on_past(const Ban& ban, const ProcessorWaits& waits);
    /// Of the processes between a disturbance and the motor.
    ProcessorWaits waits();
    /// Of all processes of the robot.
    ProcessorWaits all_waits();
    /// When the motor's device was last fed by dev_handler: its watchdog counts from there.
    Nanoseconds fed();

    /// Stops, and checks that nothing has been left behind, and that no daemon has grown by more than this
    /// many MiB since its memory was first looked at.
    void check_at_rest(double growth = 4);
    /// The next check_at_rest() is the first look at the daemons' memory.
    void measure_memory_anew() { memory_.clear(); }
    /// Fails if a daemon has ended that nobody has ended.
    void check_alive();

    const Robot& robot() const noexcept { return robot_; }
    Services& services() noexcept { return services_; }
    VirtualDevices& devices() noexcept { return devices_; }
    const StudentBlock& student() const noexcept { return *student_; }
    RunMode mode() const noexcept { return robot_block_->state.read().mode; }
    /// What was looked at, for people.
    std::string summary() const;

  private:
    struct Moved {
        Nanoseconds from;
        Nanoseconds to;  ///< 0: it still does
    };
    struct Log {
        std::string_view process;
        LogReader reader;
    };

    /// One turn of waiting.
    void turn();
    void read_logs();
    void take(const ReceivedPacket& packet);
    void take_device_data(const DevData& data);
    void send_inputs();
    bool moves();
    Nanoseconds limit_of(const Ban& ban, const ProcessorWaits& waits) const;
    void take_motion();

    MachineStalls stalls_;
    Robot robot_;
    std::string student_code_;
    VirtualDevices devices_;
    Services services_;
    const BlockReader<StudentBlock> student_{robot_.instance()};
    const BlockReader<RobotBlock> robot_block_{robot_.instance()};
    BlockObserver observer_{robot_.instance()};
    std::vector<Log> logs_;
    RunningNumbers in_ring_;
    RunningNumbers at_driver_station_;
    std::optional<DriverStation> dawn_;
    int told_by_ = 0;  ///< which life of net_handler has told at_driver_station_
    bool listens_ = true;
    std::uint64_t buttons_ = 0;
    Nanoseconds inputs_sent_ = 0;
    std::vector<Moved> motion_;
    /// From IDLE to zero at the motor: tells how slow this machine is when nothing is wrong.
    static constexpr Nanoseconds unknown_stop = second;
    Nanoseconds fastest_stop_ = unknown_stop;
    int checks_ = 0;
    int judged_ = 0;  ///< of them: those that lasted for longer than what they allow for
    std::map<Daemon, std::size_t> descriptors_;
    std::map<pid_t, double> memory_;
    std::deque<std::string> done_;
    const Nanoseconds start_ = now();
};

}  // namespace runtime::test
