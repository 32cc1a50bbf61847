#include <algorithm>
#include <array>
#include <utility>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/runtime/text.hpp"
#include "shm_wrapper/terminal/row.hpp"

namespace runtime::overview {
namespace {

using Report = std::vector<ReportLine>;

std::string padded(std::string text, std::size_t width) {
    const std::size_t length = characters(text);
    return text.append(width > length ? width - length : 0, ' ');
}

/// For how long something has been so; empty if it never was.
std::string age_text(Nanoseconds since, const Moment& moment) {
    return since == 0 ? "" : span_text(std::max<Nanoseconds>(0, moment.time - since));
}

/// Whose word a section is, if that is not to be relied on.
std::string doubt(const Snapshot& snapshot, std::string_view name) {
    const Daemon& writer = daemon(snapshot, name);
    if (writer.state == DaemonState::alive)
        return {};
    return " (last known: " + std::string(name) + " is " + std::string(name_of(writer.state)) + ")";
}

std::string game_states_text(const RobotState& robot, const Moment& moment) {
    std::string text;
    if (robot.hypothermia)
        text += "; hypothermia";
    const auto timed = [&](const char* name, Nanoseconds until) {
        if (until > moment.time)
            text += std::string("; ") + name + " for another " + span_text(until - moment.time);
    };
    timed("poison ivy", robot.poison_ivy_until);
    timed("dehydration", robot.dehydration_until);
    return text;
}

void add_run(Report& report, const Snapshot& snapshot) {
    if (!snapshot.robot) {
        report.push_back({Tone::bad, "run: unknown"});
        report.push_back({Tone::bad, "clients: unknown"});
        return;
    }
    const RobotState& robot = *snapshot.robot;
    const std::string note = doubt(snapshot, "net_handler");
    std::string run = "run: " + std::string(name_of(robot.mode)) + ", run id " + std::to_string(robot.run_id);
    if (robot.mode_since != 0)
        run += ", for " + age_text(robot.mode_since, snapshot.moment);
    run += ", start position " + std::string(name_of(robot.start_position));
    report.push_back(
        {note.empty() ? Tone::plain : Tone::warning, run + game_states_text(robot, snapshot.moment) + note});
    const auto connected = [](bool is) { return is ? " connected" : " not connected"; };
    const auto there = [](bool is) { return is ? " yes" : " no"; };
    report.push_back({note.empty() ? Tone::plain : Tone::warning,
                      std::string("clients: driver station") + connected(robot.driver_station_connected) +
                          ", field control" + connected(robot.field_control_connected) + "; gamepad" +
                          there(robot.gamepad_connected) + ", keyboard" + there(robot.keyboard_connected) +
                          note});
}

void add_student(Report& report, const Snapshot& snapshot) {
    if (!snapshot.student) {
        report.push_back({Tone::bad, "student code: unknown"});
        return;
    }
    const StudentState& student = *snapshot.student;
    std::string text = "student code: " + std::string(name_of(student.phase));
    if (student.phase != StudentPhase::none)
        text += ", run id " + std::to_string(student.run_id);
    if (student.since != 0)
        text += ", for " + age_text(student.since, snapshot.moment);
    if (student.pid != 0)
        text += ", pid " + std::to_string(student.pid);
    if (student.phase == StudentPhase::running)
        text += ", main loop " + number_text(student.loop_rate) + " a second, longest " +
                number_text(student.longest_iteration_ms) + " ms";
    const std::string note = doubt(snapshot, "executor");
    const bool bad = student.phase == StudentPhase::failed || student.phase == StudentPhase::stuck;
    report.push_back({bad ? Tone::bad : note.empty() ? Tone::plain : Tone::warning, text + note});
}

Tone tone_of(DaemonState state) {
    switch (state) {
        case DaemonState::alive:
            return Tone::good;
        case DaemonState::starting:
            return Tone::warning;
        case DaemonState::hung:
        case DaemonState::down:
        case DaemonState::unknown:
            break;
    }
    return Tone::bad;
}

void add_daemons(Report& report, const Snapshot& snapshot) {
    report.push_back({Tone::title, "daemons"});
    for (const auto& daemon : snapshot.daemons) {
        std::string text =
            "  " + padded(daemon.name, 12) + padded(std::string(name_of(daemon.state)), 9) + daemon.note;
        const char* separator = daemon.note.empty() ? "" : ", ";
        const auto add = [&](const std::string& part) {
            text += separator + part;
            separator = ", ";
        };
        if (daemon.pid != 0)
            add("pid " + std::to_string(daemon.pid));
        if (daemon.uptime)
            add("up " + span_text(*daemon.uptime));
        if (daemon.restarts)
            add("restarts " + std::to_string(*daemon.restarts));
        if (daemon.heartbeat_age)
            add("heartbeat " + span_text(*daemon.heartbeat_age) + " ago");
        report.push_back({tone_of(daemon.state), text});
    }
}

std::string errors_text(const LinkStatistics& link, const Moment& moment) {
    std::string text;
    for (const auto& [count, name] :
         std::array<std::pair<std::uint64_t, const char*>, 6>{{{link.bad_checksums, "bad checksums"},
                                                               {link.bad_frames, "bad frames"},
                                                               {link.bad_messages, "bad messages"},
                                                               {link.resyncs, "resyncs"},
                                                               {link.writes_coalesced, "writes coalesced"},
                                                               {link.writes_refused, "writes refused"}}})
        if (count != 0)
            text += ", " + std::to_string(count) + " " + name;
    return link.last_error == 0 ? text : text + ", last error " + age_text(link.last_error, moment) + " ago";
}

ReportLine device_line(const Device& device, const Moment& moment) {
    std::string text = padded(device.id(), 8) + " " +
                       padded(device.type_name.empty() ? "?" : in_a_row(device.type_name), 14);
    text += " " + in_a_row(device.port) + (device.connected ? " connected " : " stale ");
    text += device.note.empty() ? "for " + age_text(device.since, moment) : "(" + device.note + ")";
    text += device.updated == 0 ? ", no data" : ", data " + age_text(device.updated, moment) + " old";
    text += " |";
    for (const auto& parameter : device.parameters)
        text += " " + in_a_row(parameter.name) + "=" + value_text(parameter);
    const LinkStatistics& link = device.statistics;
    text += " | in " + std::to_string(link.frames_received) + " frames, " + bytes_text(link.bytes_received);
    text += ", out " + std::to_string(link.frames_sent) + " frames, " + bytes_text(link.bytes_sent);
    return {device.connected ? Tone::plain : Tone::warning, text + errors_text(link, moment)};
}

void add_devices(Report& report, const Snapshot& snapshot) {
    if (!snapshot.devices) {
        report.push_back({Tone::title, "devices"});
        report.push_back({Tone::bad, "  unknown"});
        return;
    }
    report.push_back({Tone::title, snapshot.devices->empty() ? "devices: none yet" : "devices"});
    for (auto& line : devices_report(*snapshot.devices, snapshot.moment))
        report.push_back({line.tone, "  " + line.text});
}

void add_problems(Report& report, const Snapshot& snapshot) {
    report.push_back({Tone::title, snapshot.problems.empty() ? "last warnings and errors: none"
                                                             : "last warnings and errors"});
    for (const auto& problem : snapshot.problems) {
        std::string text = "  " + time_text(problem.line.wall_time, false) + " ";
        text.append(padded(std::string(name_of(problem.line.level)), 7)).append(" [");
        text.append(speaker_of(problem)).append("] ").append(in_a_row(problem.line.text));
        report.push_back({problem.line.level == LogLevel::error ? Tone::bad : Tone::warning, text});
    }
}

std::string layout_text(std::uint32_t version, std::uint64_t size) {
    return "layout " + std::to_string(version) + ", " + std::to_string(size) + " bytes";
}

ReportLine block_line(const BlockFacts& block) {
    std::string text =
        "  " + padded(block.kind.block, 16) + padded(std::string(name_of(block.condition)), 13);
    switch (block.condition) {
        case BlockCondition::whole:
            text += layout_text(block.layout_version, block.size) + ", writer ";
            text += block.writer == 0 ? "none" : "pid " + std::to_string(pid_of(block.writer));
            text += block.writer != 0 && !block.writer_lives ? " (dead)" : "";
            return {Tone::plain, text};
        case BlockCondition::other_layout:
            text += layout_text(block.layout_version, block.size) + "; this program needs ";
            text += layout_text(block.kind.layout_version, block.kind.size);
            break;
        case BlockCondition::missing:
        case BlockCondition::unfinished:
            text += "run shm_start";
            break;
        case BlockCondition::unreadable:
            text += block.reason;
            break;
    }
    return {Tone::bad, text};
}

}  // namespace

Report devices_report(const std::vector<Device>& devices, const Moment& moment) {
    Report report;
    for (const auto& device : devices)
        report.push_back(device_line(device, moment));
    return report;
}

Report status_report(const Snapshot& snapshot) {
    Report report;
    const bool fine = healthy(snapshot);
    const std::string robot = snapshot.instance.empty() ? "robot" : "robot " + snapshot.instance;
    report.push_back({fine ? Tone::good : Tone::bad, robot + (fine ? ": in order" : ": not in order")});
    add_run(report, snapshot);
    add_student(report, snapshot);
    add_daemons(report, snapshot);
    add_devices(report, snapshot);
    add_problems(report, snapshot);
    report.push_back({Tone::title, "blocks"});
    for (const auto& block : snapshot.blocks)
        report.push_back(block_line(block));
    return report;
}

}  // namespace runtime::overview
