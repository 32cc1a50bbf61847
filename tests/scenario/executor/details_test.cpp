// The small print of the API and of the life of a mode.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/scenario/executor/student_robot.hpp"

using namespace runtime;
using runtime::test::count_of;
using runtime::test::StudentRobot;

TEST_CASE("255 keys can be logged, and the next one raises") {
    StudentRobot robot(R"(
def teleop():
    for i in range(255):
        Robot.log(f"key {i}", i)
    Robot.log("key 254", -1)
    Robot.log("one more", 1)
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log(
        "ValueError: Robot.log: there are 255 keys already, and no room for \"one more\""));
    CHECK(robot.custom_data()->extent.read().count == 255);
    CHECK(robot.value_of("key 254") == "-1");
}

TEST_CASE("print takes all that Python's own takes") {
    StudentRobot robot(R"(
import io, sys

def teleop():
    print(1, 2.5, None, sep="; ", end=" <end>\n")
    print("no end yet", end="", flush=True)
    while not Keyboard.get_value("w"):
        Robot.sleep(0.001)
    print(" and here it is")
    print("to stderr", file=sys.stderr)
    text = io.StringIO()
    print("not shown", file=text)
    print(len(text.getvalue()), "characters went elsewhere")
    print()
    print("two\nlines")
    print(*["a", "b"], sep="")
    print("\udcff and \xe4")
    sys.stdout.buffer.write(b"bytes \xff\n")
    print("x" * 100_000)
    print("after the long one")
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("1; 2.5; None <end>"));
    REQUIRE(robot.wait_for_log("no end yet"));
    robot.press_w();
    REQUIRE(robot.wait_for(StudentPhase::ended, run));
    for (const char* line : {" and here it is", "to stderr", "10 characters went elsewhere", "two", "lines",
                             "ab", "\\udcff and ä", "bytes ", "xxxxxxxxxx", "after the long one"}) {
        INFO(line << "\n" << robot.log());
        REQUIRE(robot.wait_for_log(line));
        CHECK(robot.line().source == LogSource::student);
        CHECK(robot.line().level == LogLevel::info);
    }
    CHECK(robot.log().find("not shown") == std::string::npos);
}

TEST_CASE("entry points and actions may be async def") {
    StudentRobot robot(R"(
import asyncio

async def action(text):
    await asyncio.sleep(0.01)
    print("action", text)

async def autonomous():
    Robot.run(action, "by its name")
    Robot.run(action("by a call"))
    await Robot.sleep(0.01)
    print("autonomous")

async def teleop_setup():
    print("teleop_setup")

turns = 0

async def teleop_main():
    global turns
    await Robot.sleep(0.001)
    turns += 1
    if turns == 3:
        print("three turns")
)");
    const auto run = robot.select(RunMode::autonomous);
    REQUIRE(robot.wait_for(StudentPhase::ended, run));
    REQUIRE(robot.wait_for_log("action by its name"));
    CHECK((robot.log().find("autonomous") != std::string::npos || robot.wait_for_log("autonomous")));
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("teleop_setup"));
    REQUIRE(robot.wait_for_log("three turns"));
}

TEST_CASE("the rate of the main loop and its longest turn stand in the student block") {
    StudentRobot robot("import time\ndef teleop_main():\n    time.sleep(0.03)\n");
    robot.select(RunMode::teleop);
    REQUIRE(test::wait_until([&] { return robot.student().loop_rate > 0; }));
    const StudentState state = robot.student();
    CHECK(state.loop_rate <= 34);
    CHECK(state.longest_iteration_ms >= 30);
    robot.select(RunMode::idle);
    REQUIRE(test::wait_until([&] { return robot.student().loop_rate == 0; }));
}

TEST_CASE("an error in a finally after the end of the mode is shown") {
    StudentRobot robot(R"(
def teleop():
    try:
        print("begun")
        Robot.sleep(1000)
    finally:
        print(1 / 0)
)",
                       test::unhurried);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("begun"));
    const auto next = robot.select(RunMode::idle);
    REQUIRE(robot.wait_for_log("The mode had ended when this happened:"));
    REQUIRE(robot.wait_for_log("line 7, in teleop"));
    REQUIRE(robot.wait_for_log("ZeroDivisionError: division by zero"));
    REQUIRE(robot.wait_for(StudentPhase::none, next));
    CHECK(robot.log().find("ModeEnded") == std::string::npos);
}

TEST_CASE("every thread of student code has a lower priority than the daemons") {
    StudentRobot robot(R"(
def waits():
    Robot.sleep(1000)

def teleop():
    Robot.run(waits)
    print("here")
    Robot.sleep(1000)
)");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("here"));
    const int daemon = getpriority(PRIO_PROCESS, static_cast<id_t>(robot.executor().pid()));
    int threads = 0;
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(robot.student().pid) + "/task")) {
        const auto thread = static_cast<id_t>(std::stoi(task.path().filename()));
        CHECK(getpriority(PRIO_PROCESS, thread) >= std::min(daemon + 10, 19));
        ++threads;
    }
    CHECK(threads >= 3);
}

TEST_CASE("student code of a daemon of root runs as somebody without rights, and cannot get any") {
    if (geteuid() != 0) {
        WARN("skipped: this machine runs the test as an ordinary user");
        return;
    }
    StudentRobot robot("def teleop():\n    print('here')\n    Robot.sleep(1000)\n");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("here"));
    std::ifstream status("/proc/" + std::to_string(robot.student().pid) + "/status");
    const std::string text{std::istreambuf_iterator<char>(status), {}};
    INFO(text);
    CHECK(text.find("\nUid:\t0") == std::string::npos);
    CHECK(text.find("\nGid:\t0") == std::string::npos);
    CHECK(text.find("\nGroups:\t \n") != std::string::npos);
    CHECK(text.find("\nCapEff:\t0000000000000000\n") != std::string::npos);
    CHECK(text.find("\nCapPrm:\t0000000000000000\n") != std::string::npos);
    CHECK(text.find("\nNoNewPrivs:\t1\n") != std::string::npos);
    CHECK(text.find("\nSeccomp:\t2\n") != std::string::npos);
}

TEST_CASE("threads can be started although clone3 does not exist, and processes cannot") {
    StudentRobot robot(R"(
import ctypes, errno, os, threading

CLONE3 = 435

def teleop():
    libc = ctypes.CDLL(None, use_errno=True)
    print("clone3:", libc.syscall(CLONE3, None, 0), errno.errorcode[ctypes.get_errno()])
    thread = threading.Thread(target=print, args=("from a thread",))
    thread.start()
    thread.join()
    try:
        os.fork()
    except PermissionError:
        print("no fork")
)");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("clone3: -1 ENOSYS"));
    REQUIRE(robot.wait_for_log("from a thread"));
    REQUIRE(robot.wait_for_log("no fork"));
}

TEST_CASE("a program that fills its directory is ended, and the next one finds it empty") {
    const auto [body, told] = GENERATE(
        std::pair("    for i in range(100):\n        open(f'{i}', 'wb').write(bytes(4 << 20))\n",
                  "more than 64 MiB into its directory"),
        std::pair(
            "    for i in range(10000):\n        open(f'{i}', 'w').write('x')\n        Robot.sleep(0)\n",
            "more than 256 files into its directory"));
    StudentRobot robot(std::string("def teleop():\n") + body + "    Robot.sleep(1000)\n");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log(told));
    robot.write_code(
        "import os\ndef teleop():\n    open('new', 'w').write('x')\n    print('found', os.listdir())\n");
    robot.select(RunMode::teleop);
    INFO(robot.log());
    REQUIRE(robot.wait_for_log("found ['new']"));
}

TEST_CASE(
    "files last from one mode to the next, and can be deleted, and there are no directories among them") {
    StudentRobot robot(R"(
import os
def autonomous():
    open("notes", "w").write("from auto")
def teleop():
    print("notes", open("notes").read())
    os.rename("notes", "more")
    os.remove("more")
    try:
        os.mkdir("deeper")
    except PermissionError:
        print("no directories", os.listdir())
)");
    const auto run = robot.select(RunMode::autonomous);
    REQUIRE(robot.wait_for(StudentPhase::ended, run));
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("notes from auto"));
    REQUIRE(robot.wait_for_log("no directories []"));
}

TEST_CASE("of the directory that --scratch names only the one of our name is emptied") {
    test::Robot other;
    const std::string place = other.directory() + "/place";
    std::filesystem::create_directory(place);
    std::filesystem::permissions(other.directory(), std::filesystem::perms(0755));
    std::ofstream(place + "/precious") << "data";
    std::string made;
    {
        StudentRobot robot("import os\ndef teleop():\n    open('x', 'w')\n    print('in', os.getcwd())\n",
                           {"--scratch", place});
        robot.select(RunMode::teleop);
        REQUIRE(robot.wait_for_log("in " + place + "/runtime-"));
        made = robot.line().text.substr(3);
        CHECK(std::filesystem::exists(made + "/x"));
        CHECK(robot.executor().stop() == 0);
    }
    CHECK(std::filesystem::exists(place + "/precious"));
    CHECK_FALSE(std::filesystem::exists(made));
}

TEST_CASE("student code runs without a scratch directory where there can be none, and the log says why") {
    const test::Robot other;
    StudentRobot robot(
        "def teleop():\n    try:\n        open('x', 'w')\n    except OSError:\n        print('no file')\n",
        {"--scratch", other.directory() + "/nowhere"});
    REQUIRE(robot.wait_for_log("student code can write no files: cannot make the scratch directory " +
                               other.directory() + "/nowhere/"));
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("no file"));
}

TEST_CASE("student code writes files also where the way to its directory is closed to its user") {
    const test::Robot other;
    const std::string place = other.directory() + "/closed";
    std::filesystem::create_directory(place);
    std::filesystem::permissions(place, std::filesystem::perms::owner_all);
    StudentRobot robot(
        "def teleop():\n    open('notes', 'w').write('x')\n    print('kept', open('notes').read())\n",
        {"--scratch", place});
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("kept x"));
}

TEST_CASE(
    "async functions that are made by one function, or belong to two objects, are actions of their own") {
    StudentRobot robot(R"(
import asyncio

class Arm:
    async def move(self):
        await asyncio.sleep(1000)

def made(number):
    async def move():
        await asyncio.sleep(1000)
    return move

def teleop():
    first, second, third, fourth = Arm(), Arm(), made(3), made(4)
    Robot.run(first.move)
    Robot.run(third)
    print("running:", [Robot.is_running(move) for move in (first.move, second.move, third, fourth)])
    Robot.run(second.move)
    Robot.run(fourth)
    print("then:", [Robot.is_running(move) for move in (first.move, second.move, third, fourth)])
    Robot.run(first.move)
    print("done")
)");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("running: [True, False, True, False]"));
    REQUIRE(robot.wait_for_log("then: [True, True, True, True]"));
    REQUIRE(robot.wait_for_log("done"));
    const char* const refused = "move is running already; this call changes nothing";
    CHECK((count_of(robot.log(), refused) == 1 || robot.wait_for_log(refused)));
}
