/// What every daemon promises about its start and its end.
#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>

#include "shm_wrapper/layout.hpp"
#include "tests/support/robot.hpp"

using namespace runtime;
using namespace runtime::test;
using Catch::Contains;

namespace {

/// Arguments with which a daemon starts in a test, and the block that it writes.
struct Daemon {
    std::string name;
    std::vector<std::string> arguments;
    std::string_view block;
};

std::vector<Daemon> daemons(const std::string& directory) {
    return {{"dev_handler", {"--ports", directory + "/tty*"}, DevicesBlock::name},
            {"executor", {"--student-code", directory + "/student_code.py"}, StudentBlock::name},
            {"net_handler", {"--port", "0"}, RobotBlock::name}};
}

Daemon any_daemon(const std::string& directory) {
    const auto index = GENERATE(0U, 1U, 2U);
    return daemons(directory)[index];
}

bool one_line(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n') == 1;
}

std::vector<std::string> command(const Daemon& daemon, const std::string& instance) {
    std::vector<std::string> words{daemon.name, "--instance", instance};
    words.insert(words.end(), daemon.arguments.begin(), daemon.arguments.end());
    return words;
}

}  // namespace

TEST_CASE("a daemon becomes ready, and ends with status 0 on SIGTERM and on SIGINT") {
    const Robot robot;
    const Daemon daemon = any_daemon(robot.directory());
    const int signal = GENERATE(SIGTERM, SIGINT);
    CAPTURE(daemon.name, signal);
    Process process = robot.start(daemon.name, daemon.arguments);
    REQUIRE(process.wait_for_output("ready"));
    process.signal(signal);
    const auto status = process.wait();
    CAPTURE(process.output());
    CHECK(status == 0);
    SECTION("and can be started again") {
        Process again = robot.start(daemon.name, daemon.arguments);
        CHECK(again.wait_for_output("ready"));
        const auto status_again = again.stop();
        CAPTURE(again.output());
        CHECK(status_again == 0);
    }
}

TEST_CASE("a daemon that finds no blocks says so in one line and exits with status 1") {
    const Daemon daemon = any_daemon("/tmp");
    const auto result = run(command(daemon, "no_such_instance"));
    CAPTURE(daemon.name, result.output);
    CHECK(result.status == 1);
    CHECK(one_line(result.output));
    CHECK_THAT(result.output, Catch::StartsWith(daemon.name + ": ") && Contains("run shm_start"));
}

TEST_CASE("a daemon that finds a block of another layout says so in one line and exits with status 1") {
    const Robot robot;
    const Daemon daemon = any_daemon(robot.directory());
    const std::string name = block_name(robot.instance(), daemon.block);
    unlink_block(name);
    create(name, 999, 4096);
    const auto result = run(command(daemon, robot.instance()));
    CAPTURE(daemon.name, result.output);
    CHECK(result.status == 1);
    CHECK(one_line(result.output));
    CHECK_THAT(result.output, Contains(name) && Contains("another layout"));
}

TEST_CASE("a daemon does not start twice for one instance") {
    const Robot robot;
    const Daemon daemon = any_daemon(robot.directory());
    Process first = robot.start(daemon.name, daemon.arguments);
    REQUIRE(first.wait_for_output("ready"));
    const auto second = run(command(daemon, robot.instance()));
    CAPTURE(daemon.name, second.output);
    CHECK(second.status == 1);
    CHECK(one_line(second.output));
    CHECK_THAT(second.output, Contains(std::to_string(first.pid())) && Contains("still runs"));
    SECTION("but after a kill it does, and repairs nothing by hand") {
        first.signal(SIGKILL);
        CHECK(first.wait() == 128 + SIGKILL);
        Process next = robot.start(daemon.name, daemon.arguments);
        CHECK(next.wait_for_output("ready"));
        CHECK(next.stop() == 0);
    }
}

TEST_CASE("a program's wrong option is one line and exit status 2") {
    const std::string program = GENERATE(as<std::string>{}, "dev_handler", "executor", "net_handler",
                                         "shm_start", "shm_stop", "virtual_devices");
    const auto result = run({program, "--no-such-option"});
    CAPTURE(program, result.output);
    CHECK(result.status == 2);
    CHECK(one_line(result.output));
    CHECK_THAT(result.output, Contains("no-such-option") && Contains("--help"));
}
