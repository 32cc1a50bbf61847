#pragma once
/// A robot at one moment, and how it is put together from what stands in the blocks. No I/O.
#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_merge.hpp"
#include "shm_wrapper/runtime/block_facts.hpp"

namespace runtime::overview {

/// The present time by all the clocks that are needed.
struct Moment {
    Nanoseconds time = 0;        ///< of runtime::now()
    Nanoseconds since_boot = 0;  ///< CLOCK_BOOTTIME
    std::int64_t wall_time = 0;  ///< nanoseconds since the Unix epoch
    long ticks_per_second = 100;
};

enum class DaemonState : std::uint8_t {
    alive,
    starting,  ///< it has claimed its block and has not said yet that its loop runs
    hung,      ///< the process is there, its heartbeat is older than heartbeat_limit: the gate is closed
    down,      ///< there is no process
    unknown,   ///< its block cannot be read
};

struct Daemon {
    std::string name;
    DaemonState state = DaemonState::unknown;
    std::string note;  ///< what more can be said of a state other than alive
    pid_t pid = 0;     ///< 0: none
    std::optional<Nanoseconds> uptime;
    std::optional<std::uint32_t> restarts;
    std::optional<Nanoseconds> heartbeat_age;
};

struct Parameter {
    std::string name;
    ParameterKind kind;
    Value value;
};

struct Device {
    std::uint8_t type = 0;
    std::uint64_t uid = 0;
    std::string type_name;  ///< empty: not known
    std::string port;
    bool connected = false;   ///< false: lost, or dev_handler is not alive to know; its values are stale
    std::string note;         ///< why dev_handler's word does not count
    Nanoseconds since = 0;    ///< when it was identified, or lost
    Nanoseconds updated = 0;  ///< when the newest value arrived; 0: none has
    std::vector<Parameter> parameters;
    LinkStatistics statistics{};

    std::string id() const { return std::to_string(type) + '_' + std::to_string(uid); }
};

struct Snapshot {
    std::string instance;
    Moment moment;
    std::vector<BlockFacts> blocks;
    std::vector<Daemon> daemons;
    // Nothing: the block cannot be read.
    std::optional<RobotState> robot;
    std::optional<StudentState> student;
    std::optional<std::vector<Device>> devices;
    std::deque<MergedLine> problems;  ///< the newest warnings and errors, oldest first
};

/// The daemons, and the block whose heartbeat is theirs.
struct DaemonKind {
    std::string_view name;
    std::string_view block;
};
inline constexpr std::array<DaemonKind, 3> daemon_kinds{{{"dev_handler", DevicesBlock::name},
                                                         {"executor", StudentBlock::name},
                                                         {"net_handler", RobotBlock::name}}};

std::string_view name_of(DaemonState state) noexcept;
std::string_view name_of(StartPosition position) noexcept;
std::string_view name_of(StudentPhase phase) noexcept;

/// What its block says of a daemon.
Daemon daemon_from(std::string_view name, const BlockFacts& block, const Moment& moment);
/// All three, from all blocks.
std::vector<Daemon> daemons_from(const std::vector<BlockFacts>& blocks, const Moment& moment);
/// The daemon of this name. It must be there.
const Daemon& daemon(const Snapshot& snapshot, std::string_view name);

/// What its cells say of a device. `type`: null where it is not known.
Device device_from(const DeviceIdentity& identity, const DeviceData& data, const LinkStatistics& statistics,
                   const DeviceType* type, const Daemon& dev_handler);

/// Whether all blocks are whole and all daemons alive.
bool healthy(const Snapshot& snapshot) noexcept;

/// Warnings and errors that a snapshot holds at most.
inline constexpr std::size_t max_problems = 10;
/// Keeps the line if it is a warning or an error. If there are too many the oldest goes, of the warnings
/// while errors are at most half of them.
void keep_problem(std::deque<MergedLine>& problems, MergedLine line);

}  // namespace runtime::overview
