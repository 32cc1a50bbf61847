#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/scenario/executor/student_robot.hpp"
#include "tests/support/sanitizer.hpp"

using namespace runtime;
using runtime::test::StudentRobot;

namespace {

constexpr const char* both_styles = R"(
print("imported")

def autonomous():
    print("autonomous in", Robot.start_pos)
    Robot.set_value("6_1", "velocity_a", 0.5)

def teleop_setup():
    print("teleop_setup")

def teleop_main():
    if Gamepad.get_value("button_a"):
        Robot.set_value("6_1", "velocity_b", Gamepad.get_value("joystick_left_y"))
)";

/// A socket of a service manager that takes no more: the first word to its watchdog holds a daemon up.
class BusyServiceManager {
  public:
    explicit BusyServiceManager(std::string path) : path_(std::move(path)) {
        address_.sun_family = AF_UNIX;
        path_.copy(address_.sun_path, sizeof address_.sun_path - 1);
        REQUIRE(bind(socket_, address(), sizeof address_) == 0);
        // A sender may have reached its own limit: it is full when a new one can send nothing.
        while (send_all() > 0) {
        }
    }
    ~BusyServiceManager() { close(socket_); }
    BusyServiceManager(const BusyServiceManager&) = delete;
    BusyServiceManager& operator=(const BusyServiceManager&) = delete;
    const std::string& path() const noexcept { return path_; }

  private:
    const sockaddr* address() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
    int send_all() const {
        const int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int count = 0;
        while (sendto(sender, "", 1, 0, address(), sizeof address_) == 1)
            ++count;
        close(sender);
        return count;
    }

    std::string path_;
    sockaddr_un address_{};
    int socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

/// The program says "begun", then its mode ends, and its `finally` says "tidied up".
void check_that_finally_runs(std::string_view code) {
    StudentRobot robot(code, test::unhurried);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("begun"));
    robot.select(RunMode::idle);
    INFO(robot.executor().output());
    REQUIRE(robot.wait_for_log("tidied up"));
    CHECK(robot.log().find("caught") == std::string::npos);
    CHECK(robot.log().find("Traceback") == std::string::npos);
}

}  // namespace

TEST_CASE("setup runs once, then main over and over, and its command reaches the commands block") {
    StudentRobot robot(both_styles);
    robot.connect(3, 6, 1);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::running, run));
    REQUIRE(robot.wait_for_log("imported"));
    REQUIRE(robot.wait_for_log("teleop_setup"));
    CHECK(robot.line().source == LogSource::student);
    CHECK(robot.line().level == LogLevel::info);
    robot.set_inputs([](Inputs& inputs) {
        inputs.gamepad_connected = true;
        inputs.gamepad_buttons = 1;
        inputs.gamepad_axes[1] = -0.25F;
    });
    REQUIRE(robot.wait_for_command(3, "velocity_b", Value::of(-0.25F)));
    CHECK(robot.commands(3).run_id == run);
    CHECK(robot.commands(3).generation == 1);
    CHECK(robot.student().phase == StudentPhase::running);
}

TEST_CASE("a function that runs once ends its run by itself, and its command stands in the block") {
    StudentRobot robot(both_styles);
    robot.connect(0, 6, 1);
    const auto run = robot.select(RunMode::autonomous);
    REQUIRE(robot.wait_for_log("autonomous in right"));
    REQUIRE(robot.wait_for(StudentPhase::ended, run));
    CHECK(robot.commanded(0, "velocity_a") == Value::of(0.5F));
    SECTION("and is not run again when the robot's state changes for another reason") {
        robot.select(RunMode::autonomous, run);
        const auto next = robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for(StudentPhase::running, next));
        REQUIRE(robot.wait_for_log("teleop_setup"));
        CHECK(robot.log().find("autonomous in right") == robot.log().rfind("autonomous in right"));
    }
}

TEST_CASE("main runs again when inputs or device data change, and 50 times a second if nothing does") {
    StudentRobot robot("def teleop_main():\n    pass\n");
    robot.connect(0, 6, 1);
    robot.select(RunMode::teleop);
    // Without a change it comes to no more than 50.
    CHECK(test::wait_until([&] {
        const float rate = robot.student().loop_rate;
        return rate > 40 && rate < 51;
    }));
    float position = 0;
    const std::function<void()> changes[] = {
        [&] { robot.set_inputs([&](Inputs& inputs) { inputs.gamepad_axes[0] = position; }); },
        [&] { robot.set_value(0, "velocity_a", Value::of(position)); }};
    for (const auto& change : changes) {
        CHECK(test::wait_until([&] {
            position = 1 - position;
            change();
            return robot.student().loop_rate > 60;
        }));
        CHECK(test::wait_until([&] { return robot.student().loop_rate < 51; }));
    }
}

TEST_CASE("IDLE ends the run and a new run imports the file anew") {
    StudentRobot robot(R"(
runs = 0
def teleop_setup():
    global runs
    runs += 1
    print("run number", runs)
def teleop_main():
    pass
)");
    for (int i = 0; i < 3; ++i) {
        const auto run = robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for(StudentPhase::running, run));
        REQUIRE(robot.wait_for_log("run number 1"));
        robot.select(RunMode::idle);
        REQUIRE(robot.wait_for(StudentPhase::none, run));
    }
}

TEST_CASE("a mode that ends as soon as it has begun leaves no word of the runtime's own in the log") {
    StudentRobot robot("def teleop():\n    Robot.sleep(1000)\ndef autonomous():\n    print('the last')\n");
    const int modes = test::sanitized() ? 25 : 100;
    for (int i = 0; i < modes; ++i) {
        const auto run = robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for(StudentPhase::running, run));
        robot.select(RunMode::idle);
        REQUIRE(robot.wait_for(StudentPhase::none, run));
    }
    robot.select(RunMode::autonomous);
    REQUIRE(robot.wait_for_log("the last"));
    CHECK_THAT(robot.log(), !Catch::Contains("student_process"));
}

TEST_CASE("a mode whose wake is lost begins and ends all the same") {
    StudentRobot robot("def teleop():\n    Robot.sleep(1000)\n");
    robot.lose_wakes();
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::running, run));
    robot.select(RunMode::idle);
    REQUIRE(robot.wait_for(StudentPhase::none, run));
}

TEST_CASE("AUTO to TELEOP without IDLE between starts a new run") {
    StudentRobot robot("def autonomous():\n    Robot.sleep(1000)\ndef teleop():\n    print('teleop')\n");
    const auto first = robot.select(RunMode::autonomous);
    REQUIRE(robot.wait_for(StudentPhase::running, first));
    const auto second = robot.select(RunMode::teleop);
    REQUIRE(second != first);
    REQUIRE(robot.wait_for_log("teleop"));
    REQUIRE(robot.wait_for(StudentPhase::ended, second));
}

TEST_CASE(
    "at the end of a mode the finally of the student code runs, and except Exception does not catch it") {
    check_that_finally_runs(R"(
import time
def teleop():
    try:
        print("begun")
        while True:
            try:
                time.sleep(1000)
            except Exception:
                print("caught")
    finally:
        print("tidied up")
)");
}

TEST_CASE("the end of a mode that comes just before a long sleep ends the sleep") {
    // From the word to the sleep Python does not look for signals; print would.
    check_that_finally_runs(R"(
import collections, functools, operator, os, time
def teleop():
    begin = functools.partial(os.write, 1, b"begun\n")
    calculate = functools.partial(sum, range(5_000_000))
    sleep = functools.partial(time.sleep, 1000)
    try:
        collections.deque(map(operator.call, [begin, calculate, sleep]), 0)
    finally:
        print("tidied up")
)");
}

TEST_CASE("the end of a mode that meets a task or a callback of asyncio reaches the main function") {
    const auto* const meets = GENERATE(
        "    async def busy():\n        print('begun')\n        while True:\n            pass\n"
        "    kept = asyncio.create_task(busy())\n",
        "    def busy():\n        print('begun')\n        while True:\n            pass\n"
        "    asyncio.get_running_loop().call_soon(busy)\n");
    check_that_finally_runs(std::string("import asyncio\nasync def teleop():\n") + meets +
                            "    try:\n        await asyncio.sleep(1000)\n"
                            "    finally:\n        print('tidied up')\n");
}

TEST_CASE("a finally has time to tidy up, without any option") {
    StudentRobot robot(
        "import time\ndef teleop():\n    try:\n        print('begun')\n        Robot.sleep(1000)\n"
        "    finally:\n        time.sleep(0.05)\n        print('tidied up')\n");
    // A machine that stands still for 0.2 s makes it fail now and then, but not every time.
    bool tidied_up = false;
    for (int attempt = 0; attempt < 20 && !tidied_up; ++attempt) {
        const auto run = robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for_log("begun"));
        robot.select(RunMode::idle);
        REQUIRE(robot.wait_for(StudentPhase::none, run));
        robot.read_log();
        tidied_up = robot.log().find("tidied up") != std::string::npos;
    }
    CHECK(tidied_up);
}

TEST_CASE("an exception ends the run as failed, with the whole traceback behind what was printed before") {
    StudentRobot robot(R"(import json

def helper(x):
    print("before the failure")
    return 1 / x

def teleop_setup():
    pass

def teleop_main():
    helper(0)
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    for (const char* line : {"before the failure", "Traceback (most recent call last):",
                             "  File \"student_code.py\", line 11, in teleop_main", "    helper(0)",
                             "  File \"student_code.py\", line 5, in helper", "    return 1 / x",
                             "ZeroDivisionError: division by zero"}) {
        INFO(line << "\n" << robot.log());
        REQUIRE(robot.wait_for_log(line));
    }
    CHECK(robot.line().level == LogLevel::error);
    CHECK(robot.line().source == LogSource::student);
    CHECK(robot.log().find("<runtime>") == std::string::npos);
}

TEST_CASE("a restarted executor resumes the run that goes on, but not one that failed") {
    SECTION("goes on") {
        StudentRobot robot("def teleop_setup():\n    print('setup')\ndef teleop_main():\n    pass\n");
        const auto run = robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for(StudentPhase::running, run));
        REQUIRE(robot.wait_for_log("setup"));
        robot.restart_executor();
        REQUIRE(robot.wait_for_log("setup"));
        CHECK(robot.wait_for(StudentPhase::running, run));
    }
    SECTION("failed") {
        const bool politely = GENERATE(false, true);
        StudentRobot robot("def teleop():\n    raise ValueError('no')\n");
        const auto run = robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for(StudentPhase::failed, run));
        REQUIRE(robot.wait_for_log("ValueError: no"));
        if (politely) {
            CHECK(robot.executor().stop() == 0);
            CHECK(robot.student().phase == StudentPhase::failed);
        }
        robot.restart_executor();
        REQUIRE(robot.wait_for_log("ready"));
        REQUIRE(robot.wait_for(StudentPhase::failed, run));
        robot.write_code("def teleop():\n    print('second')\n");
        const auto next = robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for(StudentPhase::ended, next));
        CHECK(robot.log().find("ValueError: no") == robot.log().rfind("ValueError: no"));
    }
}

TEST_CASE("a restarted executor has taken back what the killed one published before it shows that it lives") {
    StudentRobot robot("def teleop():\n    Robot.sleep(1000)\n");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::running, run));
    robot.executor().signal(SIGKILL);
    REQUIRE(robot.executor().wait());
    const std::string& instance = robot.robot().instance();
    const std::string& directory = robot.robot().directory();
    const BusyServiceManager manager(directory + "/notify");
    const Nanoseconds begun = now();
    const test::Process next(
        {"executor", "--instance", instance, "--student-code", robot.code_path(), "--scratch", directory},
        {"NOTIFY_SOCKET=" + manager.path(), "WATCHDOG_USEC=1000000"});
    const BlockReader<StudentBlock> block(instance);
    REQUIRE(test::wait_until([&] { return block->header.heartbeat > begun; }));
    CHECK(robot.student().phase != StudentPhase::running);
}

TEST_CASE("where the student processes that wait die others are prepared, and the next mode runs") {
    StudentRobot robot("def teleop():\n    print('runs')\n");
    const std::string& instance = robot.robot().instance();
    REQUIRE(test::wait_until([&] { return robot.spare_is_ready(); }));
    for (const auto& process : test::student_processes(instance))
        kill(process.pid, SIGKILL);
    REQUIRE(robot.wait_for_log("the waiting student process has died"));
    robot.select(RunMode::teleop);
    CHECK(robot.wait_for_log("runs"));
}

TEST_CASE("an executor whose student process is replaced by another goes on with its own") {
    const test::Robot place;
    const std::string program = place.directory() + "/student_process";
    std::filesystem::copy_file(test::program("student_process"), program);
    StudentRobot robot("def teleop():\n    print('this run')\n", {"--student-process", program});
    // As dpkg does it.
    std::ofstream(program + ".new") << "#!/bin/false\n";
    std::filesystem::permissions(program + ".new", std::filesystem::perms::all);
    std::filesystem::rename(program + ".new", program);
    for (int i = 0; i < 4; ++i) {
        const auto run = robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for_log("this run"));
        REQUIRE(robot.wait_for(StudentPhase::ended, run));
    }
}

TEST_CASE("executor ends on SIGTERM with status 0 and leaves no student process behind") {
    StudentRobot robot("def teleop():\n    print('here')\n    Robot.sleep(1000)\n");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("here"));
    const pid_t student = robot.student().pid;
    REQUIRE(student > 0);
    CHECK(robot.executor().stop() == 0);
    CHECK(process_identity(student) == 0);
    CHECK(robot.student().phase == StudentPhase::none);
}

TEST_CASE("the student process dies with an executor that is killed") {
    StudentRobot robot("def teleop():\n    print('here')\n    Robot.sleep(1000)\n");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("here"));
    const pid_t student = robot.student().pid;
    robot.executor().signal(SIGKILL);
    CHECK(test::wait_until([&] { return process_identity(student) == 0; }));
}
