#include "shm_wrapper/runtime/json_text.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "tests/unit/runtime/sample.hpp"

using namespace runtime;
using namespace runtime::overview;
using namespace runtime::test;
using nlohmann::json;

namespace {

/// Throws if it is not valid JSON in one line.
json parsed(const std::string& text) {
    CHECK(text.find('\n') == text.size() - 1);
    return json::parse(text);
}

}  // namespace

TEST_CASE("a robot that drives, in JSON") {
    const json robot = parsed(status_json(sample_robot()));
    CHECK(robot["time_ms"] == 1'700'000'000'123);
    CHECK(robot["instance"] == "one");
    CHECK(robot["healthy"] == true);
    CHECK(robot["run"]["mode"] == "TELEOP");
    CHECK(robot["run"]["run_id"] == 7);
    CHECK(robot["run"]["age_s"] == 3.0);
    CHECK(robot["run"]["poison_ivy_s"] == 2.0);
    CHECK(robot["clients"]["driver_station"] == true);
    CHECK(robot["clients"]["field_control"] == false);
    CHECK(robot["student"]["phase"] == "running");
    CHECK(robot["student"]["loop_rate"] == 1000.0);
    CHECK(robot["student"]["age_s"].is_null());
    CHECK(robot["daemons"].size() == 3);
    const json expected = {
        {"name", "dev_handler"}, {"state", "alive"},       {"note", ""}, {"pid", 42}, {"uptime_s", 600.0},
        {"restarts", 0},         {"heartbeat_age_s", 0.02}};
    CHECK(robot["daemons"][0] == expected);
    CHECK(robot["problems"][0]["text"] == "it broke");
    CHECK(robot["problems"][0]["source"] == "student");
    const json& block = robot["blocks"][0];
    CHECK(block["name"] == "devices");
    CHECK(block["state"] == "whole");
    CHECK(block["layout_version"] == 2);
    CHECK(block["size"] == 4096);
    CHECK(block["writer_pid"] == 42);
    CHECK(block["writers"] == 1);
    const json& device = robot["devices"][0];
    CHECK(device["id"] == "6_77");
    CHECK(device["values"] == json({{"velocity_a", -0.5}, {"enc_a", -12}, {"invert_a", true}}));
    CHECK(device["link"]["bad_checksums"] == 2);
    CHECK(device["link"]["last_error_age_s"] == 5.0);
    CHECK(device["since_s"] == 12.0);
}

TEST_CASE("what is not known is null") {
    Snapshot robot = sample_robot();
    robot.robot.reset();
    robot.student.reset();
    robot.devices.reset();
    for (auto& block : robot.blocks)
        block = {{block.kind}, BlockCondition::missing, {}, 0, 0, 0, false, 0, 0};
    robot.daemons = daemons_from(robot.blocks, robot.moment);
    const json status = parsed(status_json(robot));
    CHECK(status["healthy"] == false);
    for (const char* name : {"run", "clients", "student", "devices"})
        CHECK(status[name].is_null());
    CHECK(status["daemons"][0]["pid"].is_null());
    CHECK(status["daemons"][0]["restarts"].is_null());
    CHECK(status["blocks"][0]["state"] == "missing");
    CHECK(status["blocks"][0]["layout_version"].is_null());
    CHECK(status["blocks"][0]["needed_layout_version"] == 2);
    CHECK(parsed(devices_json(robot))["devices"].is_null());
}

TEST_CASE("JSON is valid whatever the blocks hold") {
    std::string hostile;
    for (int byte = 0; byte < 256; ++byte)
        hostile += static_cast<char>(byte);
    Snapshot robot = sample_robot();
    Device& device = (*robot.devices)[0];
    device.port = hostile;
    device.type_name = hostile;
    device.parameters[0].name = hostile;
    device.parameters[0].value = Value::of(std::numeric_limits<float>::quiet_NaN());
    device.uid = std::numeric_limits<std::uint64_t>::max();
    robot.student->loop_rate = std::numeric_limits<float>::infinity();
    robot.robot->mode_since = std::numeric_limits<Nanoseconds>::max();
    robot.robot->mode = static_cast<RunMode>(99);
    MergedLine line = sample_line(LogLevel::error, hostile);
    line.line.source = static_cast<LogSource>(99);
    line.line.level = static_cast<LogLevel>(99);
    keep_problem(robot.problems, line);
    CHECK(parsed(status_json(robot))["student"]["loop_rate"].is_null());
    const json devices = parsed(devices_json(robot));
    CHECK(devices["devices"][0]["uid"] == std::numeric_limits<std::uint64_t>::max());
    CHECK(parsed(log_line_json(line))["level"] == "unknown");
}

TEST_CASE("a log line in JSON has its times, process, source, level, text and what was lost") {
    MergedLine line = sample_line(LogLevel::warning, "say \"día\"\t\\", LogSource::device);
    line.line.lost_before = 3;
    const json expected = {{"time_ms", 1'700'000'000'123}, {"monotonic_ms", 90'000}, {"process", "executor"},
                           {"source", "device"},           {"level", "warning"},     {"lost_before", 3},
                           {"text", "say \"día\"\t\\"}};
    CHECK(parsed(log_line_json(line)) == expected);
}
