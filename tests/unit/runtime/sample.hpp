#pragma once
/// A robot as the tests of this folder see it.
#include <cstring>
#include <string>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/runtime/snapshot.hpp"

namespace runtime::test {

inline constexpr overview::Moment sample_moment{100 * second, 1000 * second, 1'700'000'000'123 * millisecond,
                                                100};
/// Process 42, which started 400 s after the machine.
inline constexpr std::uint64_t sample_writer = (std::uint64_t{42} << 32) | 40'000;

/// A block that a living process writes, whose heart has just beaten.
inline overview::BlockFacts whole_block(const std::string& name = "devices") {
    overview::BlockFacts block;
    block.kind = {name, {}, 2, 4096};
    block.condition = overview::BlockCondition::whole;
    block.layout_version = 2;
    block.size = 4096;
    block.writer = sample_writer;
    block.writer_lives = true;
    block.writers = 1;
    block.heartbeat = sample_moment.time - 20 * millisecond;
    block.time = sample_moment.time;
    return block;
}

template <std::size_t size>
void copy_text(std::array<char, size>& target, const std::string& text) {
    text.copy(target.data(), size - 1);
}

/// A type with a float, an integer and a boolean.
inline DeviceType sample_type() {
    DeviceType type{};
    copy_text(type.name_bytes, "KoalaBear");
    type.number = 6;
    type.parameter_count = 3;
    const std::array<std::pair<const char*, ParameterKind>, 3> parameters{
        {{"velocity_a", ParameterKind::floating},
         {"enc_a", ParameterKind::integer},
         {"invert_a", ParameterKind::boolean}}};
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        copy_text(type.parameters[i].name_bytes, parameters[i].first);
        type.parameters[i].kind = parameters[i].second;
    }
    return type;
}

inline DeviceIdentity sample_identity() {
    DeviceIdentity identity{};
    identity.uid = 77;
    identity.since = 88 * second;
    identity.generation = 3;
    identity.type = 6;
    identity.connected = true;
    copy_text(identity.port, "/dev/ttyACM0");
    return identity;
}

inline DeviceData sample_data() {
    DeviceData data{};
    data.time = sample_moment.time - millisecond;
    data.generation = 3;
    data.received = 0b111;
    data.values[0] = Value::of(-0.5F);
    data.values[1] = Value::of(std::int32_t{-12});
    data.values[2] = Value::of(true);
    return data;
}

inline MergedLine sample_line(LogLevel level, const std::string& text, LogSource source = LogSource::daemon,
                              Nanoseconds time = 90 * second) {
    return {"executor", {time, 1'700'000'000'123 * millisecond, level, source, 0, text}};
}

/// A robot that drives.
inline overview::Snapshot sample_robot() {
    overview::Snapshot snapshot;
    snapshot.instance = "one";
    snapshot.moment = sample_moment;
    snapshot.blocks = {whole_block("devices"), whole_block("student"), whole_block("robot")};
    snapshot.daemons = overview::daemons_from(snapshot.blocks, sample_moment);
    RobotState robot{};
    robot.mode = RunMode::teleop;
    robot.run_id = 7;
    robot.mode_since = sample_moment.time - 3 * second;
    robot.driver_station_connected = true;
    robot.poison_ivy_until = sample_moment.time + 2 * second;
    snapshot.robot = robot;
    StudentState student{};
    student.phase = StudentPhase::running;
    student.run_id = 7;
    student.pid = 4711;
    student.loop_rate = 1000;
    student.longest_iteration_ms = 1.5F;
    snapshot.student = student;
    LinkStatistics link{};
    link.frames_received = 1234;
    link.bytes_received = 2048;
    link.bad_checksums = 2;
    link.last_error = sample_moment.time - 5 * second;
    const DeviceType type = sample_type();
    snapshot.devices = std::vector{overview::device_from(sample_identity(), sample_data(), link, &type,
                                                         overview::daemon(snapshot, "dev_handler"))};
    overview::keep_problem(snapshot.problems, sample_line(LogLevel::error, "it broke", LogSource::student));
    return snapshot;
}

}  // namespace runtime::test
