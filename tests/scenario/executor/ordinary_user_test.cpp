// executor as an ordinary user, as on a robot: its student code then runs as that same user.
#include <grp.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "tests/scenario/executor/hostile_programs.hpp"
#include "tests/scenario/executor/next_mode.hpp"
#include "tests/scenario/executor/refusals.hpp"
#include "tests/scenario/executor/student_robot.hpp"

using namespace runtime;
using runtime::test::hostile_programs;
using runtime::test::HostileProgram;
using runtime::test::next_mode_starts;
using runtime::test::student_code;
using runtime::test::StudentRobot;

namespace {

constexpr uid_t nobody = 65534;
constexpr gid_t nogroup = 65534;

/// While it lives, the test and all that it starts are an ordinary user, with a temporary directory of
/// theirs. Nothing to do for a test that is none but that.
class OrdinaryUser {
  public:
    OrdinaryUser() {
        if (geteuid() != 0)
            return;
        const auto parent = std::filesystem::temp_directory_path();
        if (const char* before = std::getenv("TMPDIR"))
            before_ = before;
        std::string pattern = (parent / "user-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        directory_ = pattern;
        REQUIRE(chown(directory_.c_str(), nobody, nogroup) == 0);
        REQUIRE(setenv("TMPDIR", directory_.c_str(), 1) == 0);
        REQUIRE(setgroups(0, nullptr) == 0);
        REQUIRE(setresgid(nogroup, nogroup, 0) == 0);
        REQUIRE(setresuid(nobody, nobody, 0) == 0);
    }
    ~OrdinaryUser() {
        if (directory_.empty())
            return;
        // The saved ids are root's still.
        const bool back = setresuid(0, 0, 0) == 0 && setresgid(0, 0, 0) == 0;
        if (before_)
            setenv("TMPDIR", before_->c_str(), 1);
        else
            unsetenv("TMPDIR");
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
        CHECK(back);
    }
    OrdinaryUser(const OrdinaryUser&) = delete;
    OrdinaryUser& operator=(const OrdinaryUser&) = delete;

  private:
    std::string directory_;
    std::optional<std::string> before_;
};

/// Whether the present user can; else the test is skipped.
bool can_run_programs() {
    if (access(test::program("executor").c_str(), X_OK) == 0)
        return true;
    WARN("skipped: this machine keeps the programs where an ordinary user cannot reach them");
    return false;
}

}  // namespace

TEST_CASE("student code that runs as executor's own user cannot harm it either") {
    const OrdinaryUser user;
    if (!can_run_programs())
        return;
    for (const auto& program : hostile_programs) {
        DYNAMIC_SECTION(program.file) {
            StudentRobot robot(student_code(std::string("hostile/") + program.file));
            robot.connect(0, 6, 1);
            robot.set_value(0, "velocity_a", Value::of(1.0F));
            const auto run = robot.select(RunMode::teleop);
            REQUIRE(robot.wait_for_log("begun"));
            const pid_t hostile = robot.student().pid;
            if (program.fails())
                REQUIRE(robot.wait_for(StudentPhase::failed, run));
            if (program.when != HostileProgram::When::at_the_end_of_its_mode) {
                const bool told = robot.wait_for_log(program.told);
                INFO(robot.log());
                REQUIRE(told);
            }
            const bool told_later = program.when == HostileProgram::When::at_the_end_of_its_mode;
            next_mode_starts(robot, hostile, told_later ? program.told : "");
        }
    }
}

TEST_CASE("what is not allowed says so to an ordinary user's student code too") {
    const OrdinaryUser user;
    if (!can_run_programs())
        return;
    for (const auto& [body, line] : test::refusals) {
        DYNAMIC_SECTION(body) {
            StudentRobot robot(std::string("def teleop():\n") + body);
            robot.select(RunMode::teleop);
            const bool told = robot.wait_for_log(line);
            INFO(robot.log());
            REQUIRE(told);
        }
    }
}

TEST_CASE("an ordinary user's student code is confined as any other") {
    const OrdinaryUser user;
    if (!can_run_programs())
        return;
    StudentRobot robot(R"(
import os, socket

def tried(what, function, *arguments):
    try:
        function(*arguments)
        print("NOT refused:", what)
    except PermissionError:
        print("refused:", what)

def teleop():
    open("notes", "w").write("x")
    print("notes:", os.listdir(), os.getuid() == os.stat(".").st_uid)
    tried("elsewhere", open, os.path.dirname(__file__) + "/elsewhere", "w")
    tried("its own program", open, __file__, "a")
    tried("removal", os.remove, __file__)
    tried("network", socket.socket, socket.AF_INET)
    tried("program", os.execv, "/bin/true", ["true"])
    tried("score", open, "/proc/self/oom_score_adj", "w")
    print("score:", open("/proc/self/oom_score_adj").read())
    print("priority:", os.getpriority(os.PRIO_PROCESS, 0) >= 10)
    print("tried all")
)");
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("tried all"));
    INFO(robot.log());
    CHECK(robot.log().find("notes: ['notes'] True") != std::string::npos);
    CHECK(robot.log().find("NOT refused") == std::string::npos);
    CHECK(robot.log().find("refused: program") != std::string::npos);
    CHECK(robot.log().find("score: 1000") != std::string::npos);
    CHECK(robot.log().find("priority: True") != std::string::npos);
}

TEST_CASE("a mode with a program that executor may not read fails and says what to do") {
    const OrdinaryUser user;
    if (!can_run_programs())
        return;
    StudentRobot robot("def teleop():\n    print('here now')\n");
    using std::filesystem::perms;
    std::filesystem::permissions(robot.code_path(), perms::none);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log("may not read the student program"));
    CHECK_THAT(robot.line().text, Catch::Contains("chmod a+r"));
    std::filesystem::permissions(robot.code_path(), perms::owner_read);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("here now"));
}
