#include "shm_wrapper/runtime/text.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>

#include "tests/unit/runtime/sample.hpp"

using namespace runtime;
using namespace runtime::overview;
using namespace runtime::test;
using Catch::Contains;

namespace {

struct InUtc {
    InUtc() {
        setenv("TZ", "UTC", 1);
        tzset();
    }
};

std::string status_text(const Snapshot& snapshot) {
    return plain_text(status_report(snapshot));
}

}  // namespace

TEST_CASE("spans, amounts and values are shown as people read them") {
    CHECK(span_text(0) == "0 ms");
    CHECK(span_text(999 * millisecond) == "999 ms");
    CHECK(span_text(3'290 * millisecond) == "3.2 s");
    CHECK(span_text(307 * second) == "5 min 7 s");
    CHECK(span_text(7'380 * second) == "2 h 3 min");
    CHECK(span_text(363'600 * second) == "4 d 5 h");
    CHECK(bytes_text(1023) == "1023 B");
    CHECK(bytes_text(3482) == "3.4 KiB");
    CHECK(bytes_text(5'872'026) == "5.6 MiB");
    CHECK(value_text({"", ParameterKind::floating, Value::of(0.123456F)}) == "0.1235");
    CHECK(value_text({"", ParameterKind::integer, Value::of(std::int32_t{-2147483647 - 1})}) ==
          "-2147483648");
    CHECK(value_text({"", ParameterKind::boolean, {7}}) == "true");
}

TEST_CASE_METHOD(InUtc, "a time is shown with its date or without") {
    CHECK(time_text(1'700'000'000'123 * millisecond, true) == "2023-11-14 22:13:20.123");
    CHECK(time_text(1'700'000'000'003 * millisecond, false) == "22:13:20.003");
    CHECK(time_text(-1, false) == "00:00:00.000");
}

TEST_CASE_METHOD(InUtc, "a robot that drives, in words") {
    const std::string text = status_text(sample_robot());
    CHECK_THAT(text, Contains("robot one: in order\n"));
    CHECK_THAT(
        text,
        Contains("run: TELEOP, run id 7, for 3.0 s, start position left; poison ivy for another 2.0 s\n"));
    CHECK_THAT(
        text,
        Contains(
            "clients: driver station connected, field control not connected; gamepad no, keyboard no\n"));
    CHECK_THAT(
        text,
        Contains("student code: running, run id 7, pid 4711, main loop 1000 a second, longest 1.5 ms\n"));
    CHECK_THAT(text,
               Contains("  dev_handler alive    pid 42, up 10 min 0 s, restarts 0, heartbeat 20 ms ago\n"));
    CHECK_THAT(text, Contains("  22:13:20.123 error   [student] it broke\n"));
    CHECK_THAT(text, Contains("  student         whole        layout 2, 4096 bytes, writer pid 42\n"));
    CHECK_THAT(text, !Contains("last known"));
}

TEST_CASE("a device is one line: who, where, since when, values, link statistics") {
    const Snapshot robot = sample_robot();
    CHECK(plain_text(devices_report(*robot.devices, robot.moment)) ==
          "6_77     KoalaBear      /dev/ttyACM0 connected for 12.0 s, data 1 ms old | velocity_a=-0.5 "
          "enc_a=-12 "
          "invert_a=true | in 1234 frames, 2.0 KiB, out 0 frames, 0 B, 2 bad checksums, last error 5.0 s "
          "ago\n");
}

TEST_CASE("what is wrong is said plainly") {
    Snapshot robot = sample_robot();
    SECTION("a daemon is down: what it has said last is marked") {
        robot.daemons[1].state = DaemonState::down;
        robot.daemons[1].note = "process 42 has died";
        CHECK_THAT(status_text(robot), Contains("robot one: not in order\n"));
        CHECK_THAT(status_text(robot), Contains("longest 1.5 ms (last known: executor is down)\n"));
        CHECK_THAT(status_text(robot), Contains("  executor    down     process 42 has died, "));
    }
    SECTION("a block of another layout: which is there, and which is needed") {
        robot.blocks[0].condition = BlockCondition::other_layout;
        robot.blocks[0].layout_version = 9;
        robot.blocks[0].size = 10;
        CHECK_THAT(status_text(robot),
                   Contains("  devices         other layout layout 9, 10 bytes; this program "
                            "needs layout 2, 4096 bytes\n"));
    }
    SECTION("nothing is there") {
        robot.robot.reset();
        robot.student.reset();
        robot.devices.reset();
        for (auto& block : robot.blocks)
            block.condition = BlockCondition::missing;
        robot.daemons = daemons_from(robot.blocks, robot.moment);
        for (const char* line : {"run: unknown\n", "clients: unknown\n", "student code: unknown\n",
                                 "devices\n  unknown\n", "  robot           missing      run shm_start\n",
                                 "  net_handler down     block robot is missing: run shm_start\n"})
            CHECK_THAT(status_text(robot), Contains(line));
    }
    SECTION("a writer that was killed") {
        robot.blocks[0].writer_lives = false;
        CHECK_THAT(status_text(robot), Contains("writer pid 42 (dead)\n"));
    }
}

TEST_CASE_METHOD(InUtc, "a log line has date, time, level, speaker and text") {
    CHECK(log_line_text(sample_line(LogLevel::warning, "slow"), false) ==
          "2023-11-14 22:13:20.123 warning [executor] slow\n");
    CHECK(log_line_text(sample_line(LogLevel::info, "hello", LogSource::student), false) ==
          "2023-11-14 22:13:20.123 info    [student] hello\n");
    CHECK(log_line_text(sample_line(LogLevel::error, "x"), true) ==
          "2023-11-14 22:13:20.123 \x1B[31merror\x1B[0m   [executor] x\n");
}

TEST_CASE_METHOD(InUtc, "lost lines are said in their place") {
    MergedLine line = sample_line(LogLevel::info, "next");
    line.line.lost_before = 12;
    CHECK(log_line_text(line, false) ==
          "… 12 lines of executor lost\n2023-11-14 22:13:20.123 info    [executor] next\n");
}

TEST_CASE("no control character gets out, whatever stands in the blocks") {
    std::string hostile;
    for (int byte = 0; byte < 256; ++byte)
        hostile += static_cast<char>(byte);
    const auto clean = [](const std::string& text) {
        for (const char character : text)
            if ((static_cast<unsigned char>(character) < 0x20 && character != '\n' && character != '\t') ||
                character == '\x7F')
                return false;
        return text.find("\xC2\x9B") == std::string::npos;
    };
    Snapshot robot = sample_robot();
    (*robot.devices)[0].port = hostile;
    (*robot.devices)[0].type_name = hostile;
    (*robot.devices)[0].parameters[0].name = hostile;
    keep_problem(robot.problems, sample_line(LogLevel::error, hostile + "\xC2\x9B"));
    robot.robot->mode = static_cast<RunMode>(99);
    robot.student->phase = static_cast<StudentPhase>(99);
    const auto report = status_report(robot);
    for (const auto& line : report) {
        CHECK(clean(line.text));
        CHECK(line.text.find_first_of("\n\t") == std::string::npos);
    }
    const std::string line = log_line_text(sample_line(LogLevel::error, hostile), false);
    CHECK(clean(line));
    CHECK(line.find('\n') == line.size() - 1);
}
