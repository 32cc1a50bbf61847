/// A person drives: the real station on a pseudo-terminal against a whole robot.
#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>

#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_ring.hpp"
#include "tests/support/terminal_user.hpp"
#include "tests/support/virtual_devices.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

// On a busy machine the device may be lost for a moment: the program goes on.
const std::string student_code = R"(
def command(parameter, value):
    try:
        Robot.set_value("6_77", parameter, value)
    except DeviceError:
        pass

def teleop_main():
    speed = 0.75 if Keyboard.get_value("w") else 0.25 if Keyboard.get_value("up_arrow") else 0.0
    command("velocity_a", speed)

def autonomous_main():
    command("velocity_a", -0.5)
)";

const std::string f2 = "\x1BOQ";
const std::string f3 = "\x1BOR";
const std::string f4 = "\x1BOS";
const std::string restored = "\x1B[?1049l";

std::vector<std::string> address(std::uint16_t port) {
    return {"--address", "localhost", "--port", std::to_string(port)};
}

/// A whole robot, the blocks that it publishes, and a person who is connected.
struct Driver {
    Robot robot;
    VirtualDevices devices{robot, {"KoalaBear:77"}};
    WholeRobot daemons{robot, devices.ports(), student_code};
    BlockReader<RobotBlock> robot_block{robot.instance()};
    BlockReader<DevicesBlock> devices_block{robot.instance()};
    TerminalUser user{"station", address(daemons.port())};

    Driver() { REQUIRE(user.sees("velocity_a")); }

    bool velocity_becomes(float velocity) const {
        const auto& data = devices_block->slots[0].data;
        return wait_until([&] { return data.read().values[0].floating() == velocity; });
    }
    bool mode_becomes(runtime::RunMode mode) const {
        const auto& state = robot_block->state;
        return wait_until([&] { return state.read().mode == mode; }, state.sequence_word());
    }
};

bool same(const termios& left, const termios& right) {
    return left.c_iflag == right.c_iflag && left.c_oflag == right.c_oflag && left.c_cflag == right.c_cflag &&
           left.c_lflag == right.c_lflag && std::memcmp(left.c_cc, right.c_cc, sizeof left.c_cc) == 0;
}

}  // namespace

TEST_CASE_METHOD(Driver, "a person starts TELEOP, holds a key, sees the motor move, and space stops it") {
    user.type(f3);
    CHECK(mode_becomes(runtime::RunMode::teleop));
    CHECK(user.sees("TELEOP"));
    user.hold("w");
    CHECK(velocity_becomes(0.75F));
    CHECK(user.sees("velocity_a 0.75"));
    SECTION("the space bar stops the robot, with the key still held") {
        user.type(" ");
        CHECK(mode_becomes(runtime::RunMode::idle));
        CHECK(velocity_becomes(0));
        CHECK(user.sees("velocity_a 0 "));
    }
    SECTION("F4 does too") {
        user.type(f4);
        CHECK(mode_becomes(runtime::RunMode::idle));
        CHECK(velocity_becomes(0));
    }
    SECTION("a key that is let go stops the motor and not the mode") {
        user.let_go();
        CHECK(velocity_becomes(0));
        CHECK(robot_block->state.read().mode == runtime::RunMode::teleop);
    }
    SECTION("an arrow is another key") {
        user.let_go();
        user.hold("\x1B[A");
        CHECK(velocity_becomes(0.25F));
    }
    SECTION("F2 starts AUTO") {
        user.type(f2);
        CHECK(mode_becomes(runtime::RunMode::autonomous));
        CHECK(velocity_becomes(-0.5F));
    }
    SECTION("a station that is killed or stopped stops the motor") {
        const int signal = GENERATE(SIGKILL, SIGSTOP);
        user.signal(signal);
        CHECK(velocity_becomes(0));
    }
}

TEST_CASE_METHOD(Driver, "however the station ends, the robot is idle and the terminal as it was") {
    const int signal = GENERATE(0, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT);
    CAPTURE(signal);
    TerminalUser untouched("station", {"--help"});
    CHECK(untouched.wait() == 0);
    CHECK_FALSE(same(user.settings(), untouched.settings()));
    user.type(f3);
    REQUIRE(mode_becomes(runtime::RunMode::teleop));
    if (signal == 0)
        user.type("\x03");
    else
        user.signal(signal);
    const bool fatal = signal == SIGSEGV || signal == SIGABRT;
    CHECK(user.wait() == (fatal ? 128 + signal : 0));
    CHECK(user.sees(restored, 0ms));
    CHECK(same(user.settings(), untouched.settings()));
    CHECK(mode_becomes(runtime::RunMode::idle));
}

TEST_CASE("the station says that the robot is lost, connects again by itself, and starts nothing by itself") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    const std::uint16_t port = port_of(net_handler);
    const BlockReader<RobotBlock> block(robot.instance());
    TerminalUser user("station", address(port));
    REQUIRE(user.sees("  connected"));
    user.type(f3);
    REQUIRE(wait_until([&] { return block->state.read().mode == runtime::RunMode::teleop; }));

    net_handler.signal(SIGKILL);
    net_handler.wait();
    CHECK(user.sees("the connection"));
    CHECK(user.sees("Connection refused"));
    Process next = robot.start("net_handler", {"--port", std::to_string(port)});
    REQUIRE(next.wait_for_output("ready"));
    CHECK(user.sees("  connected"));
    CHECK(user.sees(" IDLE "));
    CHECK(wait_until([&] { return block->state.read().keyboard_connected; }));
    CHECK(block->state.read().mode == runtime::RunMode::idle);
    user.type("\x03");
    CHECK(user.wait() == 0);
}

TEST_CASE("a station without a robot says so, and ends at once") {
    std::uint16_t port = 0;
    {
        const Robot robot;
        Process net_handler = robot.start("net_handler", {"--port", "0"});
        port = port_of(net_handler);
    }
    TerminalUser user("station", address(port));
    CHECK(user.sees("cannot connect to localhost port"));
    user.type("\x03");
    CHECK(user.wait() == 0);
    CHECK(user.sees(restored, 0ms));
}

TEST_CASE("a station that was stopped takes the terminal over again when it goes on") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    TerminalUser user("station", address(port_of(net_handler)));
    REQUIRE(user.sees("── log "));
    const termios raw = user.settings();
    // What a shell does meanwhile.
    user.signal(SIGSTOP);
    termios cooked = raw;
    cooked.c_lflag |= ICANON | ECHO;
    user.set(cooked);
    user.signal(SIGCONT);
    CHECK(user.sees("\x1B[?1049h"));
    CHECK(user.sees("── log "));
    CHECK(same(user.settings(), raw));
    user.type("\x03");
    CHECK(user.wait() == 0);
}

TEST_CASE("a terminal that takes nothing for a while is given back whole") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    const BlockReader<RobotBlock> block(robot.instance());
    LogWriter executor_log(robot.instance(), "executor");
    TerminalUser user("station", address(port_of(net_handler)), 500, 500);
    REQUIRE(user.sees("  connected"));
    user.type(f3);
    REQUIRE(wait_until([&] { return block->state.read().mode == runtime::RunMode::teleop; }));
    // Frames of a full screen, that nobody reads meanwhile.
    for (int i = 0; i < 300; ++i)
        executor_log.append(LogLevel::info, LogSource::student, std::string(400, 'x'));
    REQUIRE(user.fill());
    user.signal(SIGTERM);
    CHECK(wait_until([&] { return block->state.read().mode == runtime::RunMode::idle; }));
    CHECK(user.wait() == 0);
    CHECK(user.sees(restored, 0ms));
}

TEST_CASE("a resized terminal is drawn anew") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    TerminalUser user("station", address(port_of(net_handler)), 30, 100);
    REQUIRE(user.sees("── log "));
    user.resize(10, 20);
    // A row of 20 characters, to its end.
    CHECK(user.sees("\x1B[2m── log ─────────────\x1B[0m\r\n"));
}
