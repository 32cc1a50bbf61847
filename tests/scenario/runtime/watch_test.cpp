/// A person watches a robot on a pseudo-terminal.
#include <catch2/catch.hpp>
#include <csignal>
#include <sstream>

#include "shm_wrapper/layout.hpp"
#include "tests/support/robot.hpp"
#include "tests/support/terminal_user.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

const std::string restored = "\x1B[?1049l";

/// All settings that programs change, as they can be compared and shown.
std::string settings_of(const TerminalUser& user) {
    const termios settings = user.settings();
    std::ostringstream text;
    text << std::hex;
    for (const tcflag_t flags : {settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag})
        text << flags << ' ';
    for (const cc_t character : settings.c_cc)
        text << ' ' << static_cast<int>(character);
    return text.str();
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
    CHECK(settings_of(user) != settings_of(untouched));
    if (signal == 0)
        user.type("\x03");
    else
        user.signal(signal);
    CHECK(user.wait() == (signal == SIGSEGV ? 128 + signal : 0));
    CHECK(user.sees(restored, 0ms));
    CHECK(settings_of(user) == settings_of(untouched));
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
