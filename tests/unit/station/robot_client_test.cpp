#include "net_handler/station/robot_client.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/support/driver_station.hpp"
#include "tests/unit/start.hpp"

using namespace runtime;
using namespace runtime::station;
using runtime::test::packet;
using runtime::test::start;

namespace {

constexpr std::uint64_t wall = 1'700'000'000'000;

/// A client with a robot that is played by the test.
struct Line {
    Line() { client.connected(start); }

    std::string sent(Nanoseconds time, std::uint64_t wall_clock_ms = wall) {
        std::string out;
        client.compose(out, time, wall_clock_ms);
        return out;
    }
    bool log(const std::string& line) {
        Text text;
        text.add_payload(line);
        return client.receive(packet(2, text.SerializeAsString()), start);
    }
    void says(runtime::RunMode mode, std::uint64_t run) {
        RobotState robot{};
        robot.mode = mode;
        robot.run_id = run;
        CHECK(log("[net_handler] " + net::mode_line(robot, std::nullopt)));
    }
    std::optional<runtime::RunMode> mode() const {
        const auto& news = client.picture().mode;
        return news ? std::optional(news->mode) : std::nullopt;
    }

    RobotClient client;
};

std::string inputs(std::uint64_t keys) {
    return packet(5, test::keyboard(keys).SerializeAsString());
}

std::string time_stamps(std::uint64_t dawn, std::uint64_t runtime) {
    TimeStamps stamps;
    stamps.set_dawn_timestamp(dawn);
    stamps.set_runtime_timestamp(runtime);
    return packet(6, stamps.SerializeAsString());
}

const std::string teleop = packet(0, std::string("\x08\x02"));
const std::string idle = packet(0, "");

}  // namespace

TEST_CASE("a connection begins with the identity of a driver station, inputs and a question for the time") {
    Line line;
    CHECK(line.client.due() <= start);
    CHECK(line.sent(start) == "\1" + inputs(0) + time_stamps(wall, 0));
    CHECK(line.sent(start).empty());
}

TEST_CASE("inputs go out every 20 ms, and at once when they change") {
    Line line;
    line.sent(start);
    CHECK(line.client.due() == start + 20 * millisecond);
    CHECK(line.sent(start + 19 * millisecond).empty());
    CHECK(line.sent(start + 20 * millisecond) == inputs(0));
    line.client.press({4, std::nullopt});
    CHECK(line.client.due() <= start + 21 * millisecond);
    CHECK(line.sent(start + 21 * millisecond) == inputs(4));
    CHECK(line.client.due() == start + 41 * millisecond);
    line.client.press({4, std::nullopt});
    CHECK(line.client.due() == start + 41 * millisecond);
}

TEST_CASE("a gamepad is listed before the keyboard while there is one") {
    Line line;
    line.sent(start);
    line.client.press({1, DriverInputs::Gamepad{3, {0.5F, 0, 0, -1}}});
    auto both = test::gamepad(3, {0.5F, 0, 0, -1});
    both.MergeFrom(test::keyboard(1));
    CHECK(line.sent(start + millisecond) == packet(5, both.SerializeAsString()));
}

TEST_CASE("what a slow connection could not send is not sent late: only the newest mode and inputs are") {
    Line line;
    line.sent(start);
    for (int i = 0; i < 100; ++i) {
        line.client.set_mode(runtime::RunMode::teleop);
        line.client.press({static_cast<std::uint64_t>(i), std::nullopt});
    }
    line.client.set_mode(runtime::RunMode::idle);
    CHECK(line.sent(start + 900 * millisecond) == idle + inputs(99));
}

TEST_CASE("a start that comes right behind a stop does not take its place") {
    Line line;
    line.sent(start);
    const auto mode = [](::RunMode::Mode number) {
        ::RunMode message;
        message.set_mode(number);
        return packet(0, message.SerializeAsString());
    };
    line.client.set_mode(runtime::RunMode::idle);
    line.client.set_mode(runtime::RunMode::teleop);
    line.client.set_mode(runtime::RunMode::autonomous);
    CHECK(line.sent(start + millisecond) == idle + mode(::RunMode::AUTO));
    line.client.set_mode(runtime::RunMode::teleop);
    CHECK(line.sent(start + 2 * millisecond) == mode(::RunMode::TELEOP));
    line.client.set_mode(runtime::RunMode::idle);
    line.client.set_mode(runtime::RunMode::teleop);
    line.client.set_mode(runtime::RunMode::idle);
    CHECK(line.sent(start + 3 * millisecond) == idle);
    line.client.set_mode(runtime::RunMode::teleop);
    line.client.leave();
    CHECK(line.sent(start + 4 * millisecond) == idle);
}

TEST_CASE("leaving sends IDLE and nothing after it, whatever is wished later") {
    Line line;
    line.sent(start);
    line.client.set_mode(runtime::RunMode::teleop);
    line.client.leave();
    line.client.set_mode(runtime::RunMode::teleop);
    CHECK_FALSE(line.client.has_left());
    CHECK(line.sent(start + second) == idle);
    CHECK(line.client.has_left());
    line.client.press({1, std::nullopt});
    CHECK(line.sent(start + 2 * second).empty());
    CHECK(line.client.due() == std::numeric_limits<Nanoseconds>::max());
}

TEST_CASE("the latency is measured from the answer to the last question, once a second") {
    Line line;
    line.sent(start);
    CHECK(line.client.receive(time_stamps(wall, wall + 5), start + 3 * millisecond));
    CHECK(line.client.picture().latency == 3 * millisecond);
    CHECK(line.sent(start + second, wall + 1000) == inputs(0) + time_stamps(wall + 1000, 0));
    CHECK(line.client.receive(time_stamps(wall, wall), start + second + millisecond));
    CHECK(line.client.picture().latency == 3 * millisecond);
    CHECK(line.client.receive(time_stamps(wall + 1000, wall), start + second + 7 * millisecond));
    CHECK(line.client.picture().latency == 7 * millisecond);
}

TEST_CASE("the mode is what the robot's mode lines say, and unknown before the first") {
    Line line;
    CHECK_FALSE(line.client.picture().mode);
    line.says(runtime::RunMode::idle, 6);
    CHECK(line.mode() == runtime::RunMode::idle);
    line.says(runtime::RunMode::teleop, 7);
    CHECK(line.mode() == runtime::RunMode::teleop);
    // Of the past, told late: it is known already.
    line.says(runtime::RunMode::autonomous, 5);
    line.says(runtime::RunMode::idle, 6);
    CHECK(line.mode() == runtime::RunMode::teleop);
    line.says(runtime::RunMode::idle, 7);
    CHECK(line.mode() == runtime::RunMode::idle);
    // What student code prints is not the robot's word.
    CHECK(line.log("TELEOP, set by the driver station (run 9)"));
    CHECK(line.log(" [net_handler] TELEOP, set by the driver station (run 9)"));
    CHECK(line.mode() == runtime::RunMode::idle);
}

TEST_CASE("a refused mode is shown until a mode is taken") {
    Line line;
    line.says(runtime::RunMode::idle, 7);
    CHECK(line.log("[net_handler] WARNING: " + net::mode_refused_line(runtime::RunMode::autonomous)));
    CHECK(line.mode() == runtime::RunMode::idle);
    CHECK(line.client.picture().mode_refused);
    line.says(runtime::RunMode::autonomous, 8);
    CHECK_FALSE(line.client.picture().mode_refused);
}

TEST_CASE("log lines are kept in order, the newest of them, and cannot command the terminal") {
    Line line;
    for (std::size_t i = 0; i < kept_lines + 10; ++i)
        line.log(std::to_string(i) + "\t\x1B[2J\n");
    const Picture& picture = line.client.picture();
    CHECK(picture.log.size() == kept_lines);
    CHECK(picture.log_lines == kept_lines + 10);
    CHECK(picture.log.front() == "10 ?[2J?");
    CHECK(picture.log.back() == std::to_string(kept_lines + 9) + " ?[2J?");
}

TEST_CASE("packets may be cut anywhere, and the newest device data counts") {
    Line line;
    DevData data;
    data.add_devices()->set_name("CustomData");
    const std::string first = packet(3, data.SerializeAsString());
    data.add_devices()->set_name("KoalaBear");
    const std::string bytes = first + packet(3, data.SerializeAsString()) + packet(2, "");
    for (const char byte : bytes)
        CHECK(line.client.receive(std::string_view(&byte, 1), start));
    CHECK(line.client.picture().device_packets == 2);
    CHECK(line.client.picture().devices.devices_size() == 2);
    CHECK(line.client.receive(bytes, start));
    CHECK(line.client.picture().device_packets == 4);
}

TEST_CASE("a packet that does not parse is said and skipped, and another protocol ends the connection") {
    Line line;
    CHECK(line.client.receive(packet(3, "\xFF\xFF") + packet(2, "\xFF") + packet(6, "\xFF"), start));
    CHECK(line.client.picture().log.size() == 3);
    CHECK(line.client.picture().device_packets == 0);
    for (const std::string& other : {std::string("SSH-2.0-OpenSSH"), std::string("HTTP/1.1 400"),
                                     std::string(3, '\0'), std::string("\x15\x03\x03")}) {
        Line stranger;
        CHECK_FALSE(stranger.client.receive(other, start));
    }
}

TEST_CASE("a robot that says nothing for three seconds is gone") {
    Line line;
    CHECK(line.client.silent_at() == start + 3 * second);
    line.client.receive("\2", start + second);
    CHECK(line.client.silent_at() == start + 4 * second);
}

TEST_CASE("a new connection starts anew, but for what is pressed") {
    Line line;
    line.client.press({8, std::nullopt});
    line.client.set_mode(runtime::RunMode::teleop);
    line.says(runtime::RunMode::teleop, 7);
    line.client.receive("\3\x10", start);
    line.client.connected(start + 5 * second);
    CHECK_FALSE(line.client.picture().mode);
    CHECK(line.client.picture().log.empty());
    CHECK(line.sent(start + 5 * second) == "\1" + inputs(8) + time_stamps(wall, 0));
    CHECK(line.log("whole"));
    CHECK(line.client.picture().log.size() == 1);
}
