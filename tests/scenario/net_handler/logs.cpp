#include <sys/socket.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "tests/scenario/net_handler/field.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

/// All log lines up to the packet with one that `is_last` holds for.
template <class IsLast>
std::vector<std::string> lines_up_to(DriverStation& dawn, IsLast is_last) {
    std::vector<std::string> lines;
    dawn.receive_until([&](const ReceivedPacket& received) {
        if (received.type != 2)
            return false;
        const Text text = received.as<Text>();
        lines.insert(lines.end(), text.payload().begin(), text.payload().end());
        return std::any_of(lines.begin(), lines.end(), is_last);
    });
    return lines;
}

std::vector<std::string> lines_until(DriverStation& dawn, std::string_view last) {
    return lines_up_to(dawn, [&](const std::string& line) { return line == last; });
}

/// The number at the start of a line, or of how many lost ones it tells.
int number_in(const std::string& line) {
    return std::stoi(line.rfind("… ", 0) == 0 ? line.substr(std::string("… ").size()) : line);
}

bool is_stopped(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(stat, line);
    const auto end_of_name = line.rfind(')');
    return end_of_name != std::string::npos && line.compare(end_of_name, 3, ") T") == 0;
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
    lines.erase(std::remove_if(lines.begin(), lines.end(),
                               [](const std::string& line) { return line.rfind("[net_handler] ", 0) == 0; }),
                lines.end());
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
    // Held up, so that the ring overflows on any machine; nothing tells when a process stands still but this.
    field.net_handler().signal(SIGSTOP);
    REQUIRE(wait_until([&] { return is_stopped(field.net_handler().pid()); }));
    constexpr int flood = 200'000;
    for (int i = 0; i < flood; ++i)
        field.executor_log().append(LogLevel::info, LogSource::student, std::to_string(i));
    field.executor_log().append(LogLevel::info, LogSource::student, "end");
    field.net_handler().signal(SIGCONT);
    const auto lines = lines_until(dawn, "end");
    REQUIRE_FALSE(lines.empty());
    CHECK(lines.back() == "end");
    CHECK(lines[lines.size() - 2] == std::to_string(flood - 1));
    // Every line is there or counted, in its place.
    int next = 0;
    int notes = 0;
    for (const auto& line : lines) {
        if (line.rfind("… ", 0) == 0) {
            ++notes;
            next += number_in(line);
        } else if (line != "end") {
            CHECK(line == std::to_string(next));
            ++next;
        }
    }
    CHECK(next == flood);
    CHECK(notes >= 1);
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

TEST_CASE("the mode is told on connecting and at each change, whatever the log level") {
    const std::string level = GENERATE(as<std::string>{}, "info", "error");
    Field field({"--log-level", level});
    const auto run = std::to_string(field.state().run_id);
    const auto next_run = std::to_string(field.state().run_id + 1);
    auto dawn = field.dawn();
    CHECK(dawn.wait_for_log("(run ") == "[net_handler] IDLE (run " + run + ")");
    dawn.set_mode(::RunMode::TELEOP);
    CHECK(dawn.wait_for_log("(run ") ==
          "[net_handler] TELEOP, set by the driver station (run " + next_run + ")");
    dawn.set_mode(::RunMode::IDLE);
    CHECK(dawn.wait_for_log("(run ") ==
          "[net_handler] IDLE, set by the driver station (run " + next_run + ")");
    auto shepherd = field.shepherd();
    REQUIRE(shepherd.wait_for_status([](const ::RuntimeStatus& status) { return status.shep_connected(); }));
    dawn.set_mode(::RunMode::AUTO);
    CHECK(dawn.wait_for_log("cannot start AUTO"));
    shepherd.set_mode(::RunMode::AUTO);
    CHECK(dawn.wait_for_log("AUTO, set by the field control"));
    shepherd.close();
    CHECK(dawn.wait_for_log("IDLE, the field control is gone"));
}

TEST_CASE("the mode is told at once in the midst of a flood of lines") {
    Field field;
    auto dawn = field.dawn();
    REQUIRE(dawn.wait_for_log("driver station connected"));
    for (int i = 0; i < 2000; ++i)
        field.executor_log().append(LogLevel::info, LogSource::student, std::string(4000, 'x'));
    field.executor_log().append(LogLevel::info, LogSource::student, "last of the flood");
    dawn.set_mode(::RunMode::AUTO);
    const auto lines = lines_until(dawn, "last of the flood");
    const auto told = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find("AUTO, set by the driver station") != std::string::npos;
    });
    CHECK(told < lines.end() - 1);
}

TEST_CASE("lines that were on their way when a connection ended are counted for the next") {
    const bool replaced = GENERATE(false, true);
    Field field({"--bandwidth-limit", "0"});
    auto dawn = field.dawn();
    REQUIRE(dawn.wait_for_log("driver station connected"));
    int appended = 0;
    const auto append = [&] {
        field.executor_log().append(LogLevel::info, LogSource::student,
                                    std::to_string(appended++) + std::string(1000, ' '));
    };
    append();
    REQUIRE(dawn.wait_for_log("0 "));
    int expected = appended;
    field.cut_off(dawn);
    constexpr std::size_t many = 20'000;
    // It may be given up meanwhile, where all of this goes slowly.
    REQUIRE(wait_until([&] {
        append();
        return field.unacknowledged_bytes(dawn) >= many || !field.state().driver_station_connected;
    }));
    shutdown(dawn.descriptor(), SHUT_RD);
    std::vector<std::string> lines;
    const auto keep_numbered = [&](const std::vector<std::string>& received) {
        std::copy_if(received.begin(), received.end(), std::back_inserter(lines),
                     [](const std::string& line) { return line.rfind('[', 0) != 0; });
    };
    while (const auto received = dawn.receive()) {
        if (received->type != 2)
            continue;
        const Text text = received->as<Text>();
        keep_numbered({text.payload().begin(), text.payload().end()});
    }
    if (!replaced)
        dawn.reset();
    auto next = field.dawn();
    // Before, "end" could still go to the one that is cut off.
    keep_numbered(lines_up_to(next, [](const std::string& line) {
        return line.starts_with("[net_handler] driver station connected");
    }));
    field.executor_log().append(LogLevel::info, LogSource::student, "end");
    keep_numbered(lines_until(next, "end"));
    for (const auto& line : lines) {
        if (line == "end")
            continue;
        if (line.rfind("… ", 0) == 0)
            expected += number_in(line);
        else
            CHECK(number_in(line) == expected++);
    }
    CHECK(expected == appended);
}

TEST_CASE("lines below INFO, however many, do not hold up those behind them") {
    Field field;
    auto dawn = field.dawn();
    REQUIRE(dawn.wait_for_log("driver station connected"));
    field.net_handler().signal(SIGSTOP);
    REQUIRE(wait_until([&] { return is_stopped(field.net_handler().pid()); }));
    for (int i = 0; i < 2000; ++i) {
        field.executor_log().append(LogLevel::debug, LogSource::student, "detail");
        field.dev_handler_log().append(LogLevel::debug, LogSource::daemon, "detail");
    }
    field.executor_log().append(LogLevel::info, LogSource::student, "behind them");
    field.net_handler().signal(SIGCONT);
    CHECK(dawn.wait_for_log("behind them"));
}
