/// A person watches a robot on a pseudo-terminal.
#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>

#include "shm_wrapper/layout.hpp"
#include "tests/support/robot.hpp"
#include "tests/support/terminal_user.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

const std::string restored = "\x1B[?1049l";

bool same(const termios& left, const termios& right) {
    return left.c_iflag == right.c_iflag && left.c_oflag == right.c_oflag && left.c_cflag == right.c_cflag &&
           left.c_lflag == right.c_lflag && std::memcmp(left.c_cc, right.c_cc, sizeof left.c_cc) == 0;
}

std::vector<std::string> watching(const std::string& instance) {
    return {"watch", "--instance", instance};
}

}  // namespace

TEST_CASE("who watches sees a change without doing anything") {
    const Robot robot;
    TerminalUser user("runtime", watching(robot.instance()));
    CHECK(user.sees("not in order"));
    CHECK(user.sees("run: IDLE"));
    const BlockWriter<RobotBlock> writer(robot.instance());
    RobotState state{};
    state.mode = RunMode::teleop;
    writer->state.publish(state);
    CHECK(user.sees("run: TELEOP"));
    CHECK(user.sees("starting"));
    user.type("q");
    CHECK(user.wait() == 0);
}

TEST_CASE("who watches sees blocks come and go") {
    const Robot robot;
    const std::string& instance = robot.instance();
    REQUIRE(run({"shm_stop", "--instance", instance}).status == 0);
    TerminalUser user("runtime", watching(instance), 60, 120);
    CHECK(user.sees("run: unknown"));
    REQUIRE(run({"shm_start", "--instance", instance, "--device-types", robot.device_types()}).status == 0);
    CHECK(user.sees("run: IDLE"));
    REQUIRE(run({"shm_stop", "--instance", instance}).status == 0);
    CHECK(user.sees("run: unknown"));
}

TEST_CASE("however watching ends, the terminal is as it was") {
    const int signal = GENERATE(0, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGSEGV);
    CAPTURE(signal);
    const Robot robot;
    TerminalUser untouched("runtime", {"--help"});
    CHECK(untouched.wait() == 0);
    TerminalUser user("runtime", watching(robot.instance()));
    REQUIRE(user.sees("daemons"));
    CHECK_FALSE(same(user.settings(), untouched.settings()));
    if (signal == 0)
        user.type("\x03");
    else
        user.signal(signal);
    CHECK(user.wait() == (signal == SIGSEGV ? 128 + signal : 0));
    CHECK(user.sees(restored, 0ms));
    CHECK(same(user.settings(), untouched.settings()));
}

TEST_CASE("the report scrolls, and a screen of another size is drawn anew") {
    const Robot robot;
    TerminalUser user("runtime", watching(robot.instance()), 8, 100);
    REQUIRE(user.sees("not in order"));
    for (int i = 0; i < 5; ++i)
        user.type("\x1B[6~");
    CHECK(user.sees("log-net_handler"));
    user.resize(60, 100);
    CHECK(user.sees("not in order"));
}

TEST_CASE("without a terminal watching is refused in one line") {
    const auto result = run({"runtime", "watch"});
    CHECK(result.status == 2);
    CHECK(result.output ==
          "runtime: this is not a terminal; runtime status works without one; see runtime --help\n");
}
