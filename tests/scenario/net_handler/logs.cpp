#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/scenario/net_handler/field.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

/// All log lines up to the packet in which one is `last`.
std::vector<std::string> lines_until(DriverStation& dawn, const std::string& last) {
    std::vector<std::string> lines;
    dawn.receive_until([&](const ReceivedPacket& received) {
        if (received.type != 2)
            return false;
        const Text text = received.as<Text>();
        lines.insert(lines.end(), text.payload().begin(), text.payload().end());
        return std::count(lines.begin(), lines.end(), last) > 0;
    });
    return lines;
}

}  // namespace

TEST_CASE("what happened before Dawn connected, and between two connections, is told on connecting") {
    Field field;
    auto& log = field.executor_log();
    log.append(LogLevel::info, LogSource::student, "before");
    {
        auto dawn = field.dawn();
        CHECK(dawn.wait_for_log("before"));
    }
    REQUIRE(field.wait_for_state([](const RobotState& state) { return !state.driver_station_connected; }));
    log.append(LogLevel::info, LogSource::student, "between");
    log.append(LogLevel::info, LogSource::student, "last");
    auto dawn = field.dawn();
    const auto lines = lines_until(dawn, "last");
    CHECK(std::count(lines.begin(), lines.end(), "between") == 1);
    CHECK(std::count(lines.begin(), lines.end(), "before") == 0);
}

TEST_CASE("lines of several processes come in order, debug lines do not come") {
    Field field;
    auto dawn = field.dawn();
    REQUIRE(dawn.wait_for_log("driver station connected"));
    for (int i = 0; i < 50; ++i) {
        auto& log = i % 2 == 0 ? field.executor_log() : field.dev_handler_log();
        log.append(LogLevel::debug, LogSource::daemon, "detail");
        log.append(LogLevel::error, LogSource::student, std::to_string(i));
    }
    field.executor_log().append(LogLevel::info, LogSource::student, "end");
    auto lines = lines_until(dawn, "end");
    REQUIRE(lines.size() == 51);
    // Two processes may be read in different turns: each of them is in order.
    for (int process = 0; process < 2; ++process) {
        int last = process - 2;
        for (std::size_t i = 0; i < 50; ++i) {
            const int number = std::stoi(lines[i]);
            if (number % 2 == process) {
                CHECK(number == last + 2);
                last = number;
            }
        }
    }
}

TEST_CASE("under a flood the newest lines come, and it is said how many did not") {
    Field field;
    auto dawn = field.dawn();
    REQUIRE(dawn.wait_for_log("driver station connected"));
    constexpr int flood = 200'000;
    for (int i = 0; i < flood; ++i)
        field.executor_log().append(LogLevel::info, LogSource::student, std::to_string(i));
    field.executor_log().append(LogLevel::info, LogSource::student, "end");
    const auto lines = lines_until(dawn, "end");
    REQUIRE_FALSE(lines.empty());
    CHECK(lines.back() == "end");
    CHECK(lines[lines.size() - 2] == std::to_string(flood - 1));
    // Every line is there or counted, in its place.
    int next = 0;
    for (const auto& line : lines) {
        if (line.rfind("… ", 0) == 0) {
            next += std::stoi(line.substr(std::string("… ").size()));
        } else if (line != "end") {
            CHECK(line == std::to_string(next));
            ++next;
        }
    }
    CHECK(next == flood);
}

TEST_CASE("lines that are not UTF-8 arrive repaired") {
    Field field;
    auto dawn = field.dawn();
    field.executor_log().append(LogLevel::info, LogSource::student, "broken \xFF\x01 line");
    CHECK(dawn.wait_for_log("broken") == "broken \uFFFD? line");
    field.executor_log().append(LogLevel::info, LogSource::student, std::string(10000, 'x'));
    const auto line = dawn.wait_for_log("xxxx");
    REQUIRE(line);
    CHECK(line->size() <= max_log_line + 1);
    CHECK(line->find("(cut)") != std::string::npos);
}
