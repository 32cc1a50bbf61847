#include "shm_wrapper/runtime/snapshot.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/runtime/sample.hpp"

using namespace runtime;
using namespace runtime::overview;
using namespace runtime::test;

TEST_CASE("a daemon whose heart beats is alive, with pid, uptime, restarts and the age of its heartbeat") {
    const Daemon daemon = daemon_from("dev_handler", whole_block(), sample_moment);
    CHECK(daemon.state == DaemonState::alive);
    CHECK(daemon.note.empty());
    CHECK(daemon.pid == 42);
    CHECK(daemon.uptime == 600 * second);
    CHECK(daemon.restarts == 0U);
    CHECK(daemon.heartbeat_age == 20 * millisecond);
}

TEST_CASE("the number of restarts is one less than that of writers") {
    BlockFacts block = whole_block();
    block.writers = 3;
    CHECK(daemon_from("dev_handler", block, sample_moment).restarts == 2U);
    block.writers = 0;
    CHECK(daemon_from("dev_handler", block, sample_moment).restarts == 0U);
}

TEST_CASE("a living process is hung from the age on at which the gate takes it for dead") {
    BlockFacts block = whole_block();
    block.heartbeat = sample_moment.time - heartbeat_limit + 1;
    CHECK(daemon_from("dev_handler", block, sample_moment).state == DaemonState::alive);
    block.heartbeat = sample_moment.time - heartbeat_limit;
    const Daemon hung = daemon_from("dev_handler", block, sample_moment);
    CHECK(hung.state == DaemonState::hung);
    CHECK(hung.pid == 42);
    CHECK(hung.heartbeat_age == heartbeat_limit);
}

TEST_CASE(
    "a heartbeat is as old as it was when the block was read, however long the rest of the look takes") {
    BlockFacts block = whole_block();
    block.time = sample_moment.time - second;
    block.heartbeat = block.time - millisecond;
    const Daemon daemon = daemon_from("dev_handler", block, sample_moment);
    CHECK(daemon.state == DaemonState::alive);
    CHECK(daemon.heartbeat_age == millisecond);
}

TEST_CASE("a heartbeat that came after the look has no age below zero") {
    BlockFacts block = whole_block();
    block.heartbeat = sample_moment.time + millisecond;
    CHECK(daemon_from("dev_handler", block, sample_moment).heartbeat_age == 0);
}

TEST_CASE("a process that has claimed its block and not beaten yet is starting") {
    BlockFacts block = whole_block();
    block.heartbeat = 0;
    const Daemon daemon = daemon_from("dev_handler", block, sample_moment);
    CHECK(daemon.state == DaemonState::starting);
    CHECK_FALSE(daemon.heartbeat_age);
}

TEST_CASE("a daemon without a process is down, and says how it came to that") {
    BlockFacts block = whole_block();
    block.writer_lives = false;
    CHECK(daemon_from("dev_handler", block, sample_moment).state == DaemonState::down);
    CHECK(daemon_from("dev_handler", block, sample_moment).note == "process 42 has died");
    CHECK(daemon_from("dev_handler", block, sample_moment).pid == 0);
    block.writer = 0;
    CHECK(daemon_from("dev_handler", block, sample_moment).note == "has ended");
    block.writers = 0;
    CHECK(daemon_from("dev_handler", block, sample_moment).note == "has not run yet");
}

TEST_CASE("of a daemon whose block cannot be read nothing is known") {
    BlockFacts block = whole_block();
    const auto [condition, state, note] = GENERATE(table<BlockCondition, DaemonState, std::string>(
        {{BlockCondition::missing, DaemonState::down, "block devices is missing: run shm_start"},
         {BlockCondition::unfinished, DaemonState::unknown, "block devices is unfinished"},
         {BlockCondition::other_layout, DaemonState::unknown, "block devices has another layout"},
         {BlockCondition::unreadable, DaemonState::unknown, "block devices: no permission"}}));
    block.condition = condition;
    block.reason = "no permission";
    const Daemon daemon = daemon_from("dev_handler", block, sample_moment);
    CHECK(daemon.state == state);
    CHECK(daemon.note == note);
    CHECK_FALSE(daemon.restarts);
    CHECK_FALSE(daemon.uptime);
}

TEST_CASE("a device has the values that it has reported since it was connected") {
    const DeviceType type = sample_type();
    const Daemon alive = daemon_from("dev_handler", whole_block(), sample_moment);
    DeviceData data = sample_data();
    const auto device = [&] { return device_from(sample_identity(), data, {}, &type, alive); };
    CHECK(device().id() == "6_77");
    CHECK(device().connected);
    CHECK(device().port == "/dev/ttyACM0");
    REQUIRE(device().parameters.size() == 3);
    CHECK(device().parameters[1].name == "enc_a");
    CHECK(device().parameters[1].value.integer() == -12);
    data.received = 0b010;
    REQUIRE(device().parameters.size() == 1);
    CHECK(device().parameters[0].name == "enc_a");
    data.generation = 2;  // of the connection before
    CHECK(device().parameters.empty());
    CHECK(device().updated == 0);
}

TEST_CASE("a device is stale when it is lost, and when dev_handler is not alive to know") {
    DeviceIdentity identity = sample_identity();
    BlockFacts block = whole_block();
    block.heartbeat = 1;
    const Daemon hung = daemon_from("dev_handler", block, sample_moment);
    const Device unknown = device_from(identity, sample_data(), {}, nullptr, hung);
    CHECK_FALSE(unknown.connected);
    CHECK(unknown.note == "dev_handler is hung");
    CHECK(unknown.type_name.empty());
    identity.connected = false;
    const Daemon alive = daemon_from("dev_handler", whole_block(), sample_moment);
    const Device lost = device_from(identity, sample_data(), {}, nullptr, alive);
    CHECK_FALSE(lost.connected);
    CHECK(lost.note.empty());
}

TEST_CASE("a port's path without its NUL is bounded") {
    DeviceIdentity identity = sample_identity();
    identity.port.fill('x');
    CHECK(device_from(identity, {}, {}, nullptr, {}).port.size() == identity.port.size());
}

TEST_CASE("a robot is in order when all blocks are whole and all daemons alive") {
    Snapshot snapshot = sample_robot();
    CHECK(healthy(snapshot));
    SECTION("a block") {
        snapshot.blocks[0].condition = BlockCondition::other_layout;
    }
    SECTION("a daemon") {
        snapshot.daemons[2].state = DaemonState::hung;
    }
    CHECK_FALSE(healthy(snapshot));
}

TEST_CASE("the newest warnings and errors are kept") {
    std::deque<MergedLine> problems;
    keep_problem(problems, sample_line(LogLevel::info, "fine"));
    CHECK(problems.empty());
    for (std::size_t i = 0; i <= max_problems; ++i)
        keep_problem(problems,
                     sample_line(i % 2 == 0 ? LogLevel::warning : LogLevel::error, std::to_string(i)));
    CHECK(problems.size() == max_problems);
    CHECK(problems.front().line.text == "1");
    CHECK(problems.back().line.text == std::to_string(max_problems));
}

TEST_CASE("no flood of warnings hides the last errors, and none of errors the last warnings") {
    const auto [few, many] = GENERATE(std::pair(LogLevel::error, LogLevel::warning),
                                      std::pair(LogLevel::warning, LogLevel::error));
    std::deque<MergedLine> problems;
    keep_problem(problems, sample_line(few, "the only one"));
    for (int i = 0; i < 100; ++i)
        keep_problem(problems, sample_line(many, std::to_string(i)));
    CHECK(problems.size() == max_problems);
    CHECK(problems.front().line.text == "the only one");
    CHECK(problems.back().line.text == "99");
}
