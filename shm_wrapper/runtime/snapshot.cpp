#include "shm_wrapper/runtime/snapshot.hpp"

#include <algorithm>
#include <cstring>

#include "shm_wrapper/block.hpp"

namespace runtime::overview {
namespace {

std::string note_on(const BlockFacts& block) {
    const std::string name = "block " + block.kind.block;
    switch (block.condition) {
        case BlockCondition::whole:
            return {};
        case BlockCondition::missing:
            return name + " is missing: run shm_start";
        case BlockCondition::unfinished:
            return name + " is unfinished";
        case BlockCondition::other_layout:
            return name + " has another layout";
        case BlockCondition::unreadable:
            return name + ": " + block.reason;
    }
    return {};
}

std::string note_on_missing_process(const BlockFacts& block) {
    if (block.writer != 0)
        return "process " + std::to_string(pid_of(block.writer)) + " has died";
    return block.writers == 0 ? "has not run yet" : "has ended";
}

}  // namespace

std::string_view name_of(DaemonState state) noexcept {
    switch (state) {
        case DaemonState::alive:
            return "alive";
        case DaemonState::starting:
            return "starting";
        case DaemonState::hung:
            return "hung";
        case DaemonState::down:
            return "down";
        case DaemonState::unknown:
            break;
    }
    return "unknown";
}

std::string_view name_of(StartPosition position) noexcept {
    switch (position) {
        case StartPosition::left:
            return "left";
        case StartPosition::right:
            return "right";
    }
    return "unknown";
}

std::string_view name_of(StudentPhase phase) noexcept {
    switch (phase) {
        case StudentPhase::none:
            return "none";
        case StudentPhase::starting:
            return "starting";
        case StudentPhase::running:
            return "running";
        case StudentPhase::ended:
            return "ended";
        case StudentPhase::failed:
            return "failed";
        case StudentPhase::stuck:
            return "stuck";
    }
    return "unknown";
}

Daemon daemon_from(std::string_view name, const BlockFacts& block, const Moment& moment) {
    Daemon daemon;
    daemon.name = name;
    if (block.condition != BlockCondition::whole) {
        const bool missing = block.condition == BlockCondition::missing;
        daemon.state = missing ? DaemonState::down : DaemonState::unknown;
        daemon.note = note_on(block);
        return daemon;
    }
    daemon.restarts = block.writers - std::min(block.writers, 1U);
    if (block.heartbeat != 0)
        daemon.heartbeat_age = std::max<Nanoseconds>(0, block.time - block.heartbeat);
    if (!block.writer_lives) {
        daemon.state = DaemonState::down;
        daemon.note = note_on_missing_process(block);
        return daemon;
    }
    daemon.pid = pid_of(block.writer);
    const Nanoseconds started = start_ticks_of(block.writer) * (second / moment.ticks_per_second);
    daemon.uptime = std::max<Nanoseconds>(0, moment.since_boot - started);
    if (!daemon.heartbeat_age)
        daemon.state = DaemonState::starting;
    else
        daemon.state = *daemon.heartbeat_age < heartbeat_limit ? DaemonState::alive : DaemonState::hung;
    return daemon;
}

std::vector<Daemon> daemons_from(const std::vector<BlockFacts>& blocks, const Moment& moment) {
    std::vector<Daemon> daemons;
    for (const auto& kind : daemon_kinds) {
        const auto block = std::find_if(blocks.begin(), blocks.end(), [&](const BlockFacts& candidate) {
            return candidate.kind.block == kind.block;
        });
        daemons.push_back(daemon_from(kind.name, block == blocks.end() ? BlockFacts{} : *block, moment));
    }
    return daemons;
}

const Daemon& daemon(const Snapshot& snapshot, std::string_view name) {
    return *std::find_if(snapshot.daemons.begin(), snapshot.daemons.end(),
                         [&](const Daemon& candidate) { return candidate.name == name; });
}

Device device_from(const DeviceIdentity& identity, const DeviceData& data, const LinkStatistics& statistics,
                   const DeviceType* type, const Daemon& dev_handler) {
    Device device;
    device.type = identity.type;
    device.uid = identity.uid;
    device.port = std::string(identity.port.data(), strnlen(identity.port.data(), identity.port.size()));
    device.connected = identity.connected && dev_handler.state == DaemonState::alive;
    if (identity.connected && !device.connected)
        device.note = "dev_handler is " + std::string(name_of(dev_handler.state));
    device.since = identity.since;
    device.statistics = statistics;
    if (data.generation == identity.generation)
        device.updated = data.time;
    if (type == nullptr)
        return device;
    device.type_name = type->name();
    for (std::size_t i = 0; i < std::min<std::size_t>(type->parameter_count, max_parameters); ++i) {
        const auto& parameter = type->parameters[i];
        if (data.generation == identity.generation && (data.received >> i & 1U) != 0)
            device.parameters.push_back({std::string(parameter.name()), parameter.kind, data.values[i]});
    }
    return device;
}

bool healthy(const Snapshot& snapshot) noexcept {
    return std::all_of(snapshot.blocks.begin(), snapshot.blocks.end(),
                       [](const auto& block) { return block.condition == BlockCondition::whole; }) &&
           std::all_of(snapshot.daemons.begin(), snapshot.daemons.end(),
                       [](const auto& daemon) { return daemon.state == DaemonState::alive; });
}

void keep_problem(std::deque<MergedLine>& problems, MergedLine line) {
    if (line.line.level < LogLevel::warning)
        return;
    problems.push_back(std::move(line));
    if (problems.size() <= max_problems)
        return;
    const auto is_error = [](const MergedLine& each) { return each.line.level >= LogLevel::error; };
    const auto errors = std::count_if(problems.begin(), problems.end(), is_error);
    const bool drop_error = errors > static_cast<std::ptrdiff_t>(max_problems / 2);
    problems.erase(std::find_if(problems.begin(), problems.end(),
                                [&](const MergedLine& each) { return is_error(each) == drop_error; }));
}

}  // namespace runtime::overview
