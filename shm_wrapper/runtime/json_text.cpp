#include "shm_wrapper/runtime/json_text.hpp"

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/process/json.hpp"
#include "shm_wrapper/runtime/text.hpp"

namespace runtime::overview {
namespace {

double seconds(Nanoseconds span) {
    const Nanoseconds milliseconds = span / millisecond;
    return static_cast<double>(milliseconds) / 1000;
}

template <class T>
void optional_member(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
    json.key(name);
    if (value)
        json.value(*value);
    else
        json.null();
}

/// Seconds since then; null for never.
void age_member(JsonWriter& json, std::string_view name, Nanoseconds then, const Moment& moment) {
    std::optional<double> age;
    if (then != 0)
        age = seconds(moment.time - then);
    optional_member(json, name, age);
}

std::optional<pid_t> known(pid_t pid) {
    return pid == 0 ? std::nullopt : std::optional(pid);
}

void write_time(JsonWriter& json, const Moment& moment) {
    json.member("time_ms", moment.wall_time / millisecond);
}

void write_daemon(JsonWriter& json, const Daemon& daemon) {
    const auto in_seconds = [](const std::optional<Nanoseconds>& span) {
        return span ? std::optional(seconds(*span)) : std::nullopt;
    };
    json.begin_object().member("name", daemon.name).member("state", name_of(daemon.state));
    json.member("note", daemon.note);
    optional_member(json, "pid", known(daemon.pid));
    optional_member(json, "uptime_s", in_seconds(daemon.uptime));
    optional_member(json, "restarts", daemon.restarts);
    optional_member(json, "heartbeat_age_s", in_seconds(daemon.heartbeat_age));
    json.end_object();
}

void write_run(JsonWriter& json, const Snapshot& snapshot) {
    json.key("run");
    if (!snapshot.robot) {
        json.null().key("clients").null();
        return;
    }
    const RobotState& robot = *snapshot.robot;
    const auto left = [&](Nanoseconds until) {
        return until > snapshot.moment.time ? seconds(until - snapshot.moment.time) : 0.0;
    };
    json.begin_object().member("mode", name_of(robot.mode)).member("run_id", robot.run_id);
    age_member(json, "age_s", robot.mode_since, snapshot.moment);
    json.member("start_position", name_of(robot.start_position)).member("hypothermia", robot.hypothermia);
    json.member("poison_ivy_s", left(robot.poison_ivy_until));
    json.member("dehydration_s", left(robot.dehydration_until)).end_object();
    json.key("clients").begin_object().member("driver_station", robot.driver_station_connected);
    json.member("field_control", robot.field_control_connected).member("gamepad", robot.gamepad_connected);
    json.member("keyboard", robot.keyboard_connected).end_object();
}

void write_student(JsonWriter& json, const Snapshot& snapshot) {
    json.key("student");
    if (!snapshot.student) {
        json.null();
        return;
    }
    const StudentState& student = *snapshot.student;
    json.begin_object().member("phase", name_of(student.phase)).member("run_id", student.run_id);
    age_member(json, "age_s", student.since, snapshot.moment);
    optional_member(json, "pid", known(student.pid));
    json.member("loop_rate", student.loop_rate).member("longest_iteration_ms", student.longest_iteration_ms);
    json.end_object();
}

void write_value(JsonWriter& json, const Parameter& parameter) {
    switch (parameter.kind) {
        case ParameterKind::integer:
            json.value(parameter.value.integer());
            return;
        case ParameterKind::boolean:
            json.value(parameter.value.boolean());
            return;
        case ParameterKind::floating:
            break;
    }
    json.value(parameter.value.floating());
}

void write_link(JsonWriter& json, const LinkStatistics& link, const Moment& moment) {
    json.key("link").begin_object();
    json.member("frames_received", link.frames_received).member("frames_sent", link.frames_sent);
    json.member("bytes_received", link.bytes_received).member("bytes_sent", link.bytes_sent);
    json.member("bad_checksums", link.bad_checksums).member("bad_frames", link.bad_frames);
    json.member("bad_messages", link.bad_messages).member("resyncs", link.resyncs);
    json.member("writes_coalesced", link.writes_coalesced).member("writes_refused", link.writes_refused);
    age_member(json, "last_error_age_s", link.last_error, moment);
    json.end_object();
}

void write_devices(JsonWriter& json, const Snapshot& snapshot) {
    json.key("devices");
    if (!snapshot.devices) {
        json.null();
        return;
    }
    json.begin_array();
    for (const auto& device : *snapshot.devices) {
        json.begin_object().member("id", device.id()).member("type", device.type).member("uid", device.uid);
        json.key("name");
        if (device.type_name.empty())
            json.null();
        else
            json.value(device.type_name);
        json.member("port", device.port).member("connected", device.connected).member("note", device.note);
        age_member(json, "since_s", device.since, snapshot.moment);
        age_member(json, "data_age_s", device.updated, snapshot.moment);
        json.key("values").begin_object();
        for (const auto& parameter : device.parameters)
            write_value(json.key(parameter.name), parameter);
        json.end_object();
        write_link(json, device.statistics, snapshot.moment);
        json.end_object();
    }
    json.end_array();
}

void write_block(JsonWriter& json, const BlockFacts& block) {
    const bool known_layout =
        block.condition == BlockCondition::whole || block.condition == BlockCondition::other_layout;
    const bool whole = block.condition == BlockCondition::whole;
    const auto if_known = [&](auto value) { return known_layout ? std::optional(value) : std::nullopt; };
    json.begin_object().member("name", block.kind.block).member("state", name_of(block.condition));
    optional_member(json, "layout_version", if_known(block.layout_version));
    optional_member(json, "size", if_known(block.size));
    json.member("needed_layout_version", block.kind.layout_version).member("needed_size", block.kind.size);
    optional_member(json, "writer_pid", known(pid_of(block.writer)));
    optional_member(json, "writer_lives", whole ? std::optional(block.writer_lives) : std::nullopt);
    optional_member(json, "writers", whole ? std::optional(block.writers) : std::nullopt);
    json.end_object();
}

void write_log_line(JsonWriter& json, const MergedLine& line) {
    static constexpr std::array<std::string_view, 3> sources{"daemon", "student", "device"};
    const auto source = static_cast<std::size_t>(line.line.source);
    json.begin_object().member("time_ms", line.line.wall_time / millisecond);
    json.member("monotonic_ms", line.line.time / millisecond).member("process", line.process);
    json.member("source", source < sources.size() ? sources[source] : "unknown");
    json.member("level", name_of(line.line.level)).member("lost_before", line.line.lost_before);
    json.member("text", line.line.text).end_object();
}

std::string line_of(JsonWriter&& json) {
    return std::move(json).text() + '\n';
}

}  // namespace

std::string status_json(const Snapshot& snapshot) {
    JsonWriter json;
    json.begin_object();
    write_time(json, snapshot.moment);
    json.member("instance", snapshot.instance).member("healthy", healthy(snapshot));
    write_run(json, snapshot);
    write_student(json, snapshot);
    json.key("daemons").begin_array();
    for (const auto& daemon : snapshot.daemons)
        write_daemon(json, daemon);
    json.end_array();
    write_devices(json, snapshot);
    json.key("problems").begin_array();
    for (const auto& problem : snapshot.problems)
        write_log_line(json, problem);
    json.end_array().key("blocks").begin_array();
    for (const auto& block : snapshot.blocks)
        write_block(json, block);
    json.end_array().end_object();
    return line_of(std::move(json));
}

std::string devices_json(const Snapshot& snapshot) {
    JsonWriter json;
    json.begin_object();
    write_time(json, snapshot.moment);
    write_devices(json, snapshot);
    json.end_object();
    return line_of(std::move(json));
}

std::string log_line_json(const MergedLine& line) {
    JsonWriter json;
    write_log_line(json, line);
    return line_of(std::move(json));
}

}  // namespace runtime::overview
