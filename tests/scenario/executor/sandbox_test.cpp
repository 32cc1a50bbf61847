// What keeps student code in.
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "tests/scenario/executor/student_robot.hpp"
#include "tests/support/terminal_user.hpp"

using namespace runtime;
using runtime::test::StudentRobot;

TEST_CASE("files that are deleted but still mapped are bounded too") {
    StudentRobot robot(R"(
import ctypes, os
C = ctypes.CDLL(None, use_errno=True)
C.mmap.restype = ctypes.c_void_p
C.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
PROT_READ, MAP_SHARED = 1, 1

def teleop():
    for i in range(100):
        file = os.open("file", os.O_RDWR | os.O_CREAT)
        os.write(file, b"x")
        C.mmap(None, 4096, PROT_READ, MAP_SHARED, file, 0)
        os.close(file)
        os.remove("file")
        os.utime(".", ns=(0, 0))  # as if nothing had been deleted
        Robot.sleep(0.02)
    print("not ended")
    Robot.sleep(1000)
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log("more than 16 files that it has deleted, but still maps"));
}

TEST_CASE("a file can be mapped, a temporary one can be made, and neither ends the program") {
    StudentRobot robot(R"(
import mmap, os, tempfile
def teleop():
    for i in range(50):
        with tempfile.TemporaryFile(dir=".") as file:
            file.write(b"kept")
            file.flush()
            with mmap.mmap(file.fileno(), 0) as mapped:
                assert mapped[:] == b"kept"
        Robot.sleep(0.005)
    print("made and mapped, left:", os.listdir())
)");
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("made and mapped, left: []"));
    REQUIRE(robot.wait_for(StudentPhase::ended, run));
}

TEST_CASE("student code has no terminal, also where executor has one") {
    const test::Robot robot;
    const std::string code = robot.directory() + "/student_code.py";
    std::ofstream(code) << R"(
import errno, os
def teleop():
    try:
        os.open("/dev/tty", os.O_RDONLY)
        print("it has one")
    except OSError as error:
        print("no terminal:", error.errno == errno.ENXIO)
)";
    const BlockWriter<RobotBlock> mode(robot.instance());
    test::TerminalUser user(
        "executor", {"--instance", robot.instance(), "--student-code", code, "--scratch", robot.directory()});
    REQUIRE(user.sees("ready"));
    RobotState state{};
    state.run_id = 2;
    state.mode = RunMode::teleop;
    mode->state.publish_and_wake(state);
    CHECK(user.sees("no terminal: True"));
    user.signal(SIGTERM);
    CHECK(user.wait() == 0);
}

TEST_CASE("student code has few open files, and leaves no core") {
    StudentRobot robot(R"(
import resource
def teleop():
    print("no core:", resource.getrlimit(resource.RLIMIT_CORE) == (0, 0))
    try:
        files = [open("/dev/null") for i in range(100)]
    except OSError as error:
        print("few files:", error)
)");
    robot.select(RunMode::teleop);
    CHECK(robot.wait_for_log("no core: True"));
    CHECK(robot.wait_for_log("few files: [Errno 24]"));
}

TEST_CASE("the kernel ends student code before any other process when memory runs short, whatever it does") {
    StudentRobot robot(R"(
def teleop():
    score = "/proc/self/oom_score_adj"
    try:
        open(score, "w").write("-500")
    except PermissionError:
        pass
    print("score:", open(score).read())
)");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("score: "));
    CHECK_THAT(robot.line().text, Catch::EndsWith("score: 1000"));
}

TEST_CASE("a program has its memory for itself, however many actions run") {
    StudentRobot robot(R"(
held = []

def hold():
    text = "x" * 2000
    held.append(len(text))
    Robot.sleep(1000)

def teleop():
    for _ in range(8):
        Robot.run(lambda: hold())
    while len(held) < 8:
        Robot.sleep(0.001)
    print("memory:", len(bytearray(200_000_000)))
)");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("memory: "));
    CHECK_THAT(robot.line().text, Catch::EndsWith("memory: 200000000"));
}

TEST_CASE("what a program has written into a file is there in its next run, also where it never closes it") {
    const auto* const end =
        GENERATE("    Robot.sleep(1000)\n", "    raise ValueError('wrong')\n", "    pass\n");
    StudentRobot robot(std::string("file = open('kept.txt', 'w')\n"
                                   "def teleop():\n"
                                   "    file.write('what was measured')\n"
                                   "    print('written')\n") +
                           end,
                       test::unhurried);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("written"));
    robot.write_code("def autonomous():\n    print('kept:', repr(open('kept.txt').read()))\n");
    robot.select(RunMode::autonomous);
    INFO(end << robot.log());
    REQUIRE(robot.wait_for_log("kept:"));
    CHECK_THAT(robot.line().text, Catch::EndsWith("kept: 'what was measured'"));
}
