/// The logs of a robot through the real program.
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "shm_wrapper/log_ring.hpp"
#include "tests/support/robot.hpp"

using namespace runtime;
using namespace runtime::test;
using nlohmann::json;

namespace {

void put(LogWriter& writer, const std::string& text, LogSource source = LogSource::daemon) {
    writer.append(LogLevel::info, source, text);
}

Process follow(const std::string& instance, std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"runtime", "logs", "-f", "--instance", instance});
    return Process(options);
}

}  // namespace

TEST_CASE("lines of all processes stand in the order of time, with level and speaker") {
    const Robot robot;
    LogWriter executor(robot.instance(), "executor");
    LogWriter net_handler(robot.instance(), "net_handler");
    put(executor, "one");
    put(net_handler, "two");
    put(executor, "three", LogSource::student);
    const auto result = run({"runtime", "logs", "--instance", robot.instance()});
    CHECK(result.status == 0);
    const auto one = result.output.find("info    [executor] one\n");
    const auto two = result.output.find("info    [net_handler] two\n");
    const auto three = result.output.find("info    [student] three\n");
    REQUIRE(three != std::string::npos);
    CHECK(one < two);
    CHECK(two < three);
    const auto none = run({"runtime", "logs", "--level", "error", "--instance", robot.instance()});
    CHECK(none.status == 0);
    CHECK(none.output.empty());
}

TEST_CASE("who follows sees a new line when it comes, and without control characters") {
    const Robot robot;
    LogWriter executor(robot.instance(), "executor");
    put(executor, "before");
    Process user = follow(robot.instance());
    CHECK(user.wait_for_output("[executor] before"));
    put(executor,
        "\x1B[2Jbell\x07\xFF"
        "end",
        LogSource::student);
    CHECK(user.wait_for_output("[student] ?[2Jbell?\uFFFDend"));
    CHECK(user.running());
}

TEST_CASE("who follows waits for blocks that are not there yet, and goes on when they are made anew") {
    const Robot robot;
    const std::string& instance = robot.instance();
    REQUIRE(run({"shm_stop", "--instance", instance}).status == 0);
    Process user = follow(instance);
    CHECK(user.wait_for_output("waiting for it"));
    for (const std::string text : {"first", "second"}) {
        REQUIRE(run({"shm_start", "--instance", instance, "--device-types", robot.device_types()}).status ==
                0);
        {
            LogWriter writer(instance, "executor");
            put(writer, text);
        }
        CHECK(user.wait_for_output("[executor] " + text));
        REQUIRE(run({"shm_stop", "--instance", instance}).status == 0);
    }
}

TEST_CASE("who follows is told what was lost") {
    const Robot robot;
    LogWriter executor(robot.instance(), "executor");
    put(executor, "first");
    Process user = follow(robot.instance());
    REQUIRE(user.wait_for_output("first"));
    user.signal(SIGSTOP);
    for (std::size_t i = 0; i < 2 * LogBlock::capacity; ++i)
        put(executor, "line");
    user.signal(SIGCONT);
    CHECK(user.wait_for_output("lines of executor lost"));
}

TEST_CASE("each line in JSON is valid whatever student code prints") {
    const Robot robot;
    LogWriter executor(robot.instance(), "executor");
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte)
        every_byte += static_cast<char>(byte);
    put(executor, every_byte, LogSource::student);
    put(executor, "\xF0\x9F \" \\", LogSource::student);
    std::istringstream lines(run({"runtime", "logs", "--json", "--instance", robot.instance()}).output);
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count)
        CHECK(json::parse(line)["source"] == "student");
    CHECK(count == 2);
}
