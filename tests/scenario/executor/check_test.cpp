// The check of the student's file when it changes.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "executor/file_watch.hpp"
#include "tests/scenario/executor/student_robot.hpp"

using namespace runtime;
using runtime::test::StudentRobot;

namespace {

constexpr const char* sound = "def autonomous():\n    pass\ndef teleop():\n    pass\n";

/// Ten pieces, of which only all together are Python, with pauses as of a slow network between them.
void write_in_pieces(StudentRobot& robot) {
    const std::string pieces[] = {"def autonomous():\n",
                                  "    pass\n",
                                  "def teleop(",
                                  "):\n",
                                  "    print",
                                  "(",
                                  "'brand",
                                  "-new",
                                  "'",
                                  ")\n"};
    std::ofstream file(robot.code_path());
    for (const auto& piece : pieces) {
        file << piece << std::flush;
        robot.wait_for_log("nothing more", executor::FileWatch::quiet / 3);
    }
}

}  // namespace

TEST_CASE("a file that changes is checked, and the log says what is wrong with its line") {
    StudentRobot robot(sound);
    const std::pair<std::string, const char*> mistakes[] = {
        {"def teleop():\n    print((1, 2)\n", "student_code.py, line 2: this is not Python yet"},
        {"def teleop():\n  x = 1\n y = 2\n", "begin with the same number of spaces: four for each step"},
        {"def teleop():\n    pass\n", "student_code.py has neither autonomous_main nor autonomous"},
        {std::string(sound) + "x = 1\ndef f():\n    Robot.get_value('6_1', 'velocty_a')\n",
         "student_code.py, line 7: There is no parameter \"velocty_a\" on KoalaBear. Did you mean "
         "\"velocity_a\"?"},
        {std::string(sound) + "M = '6_1'\ndef f():\n    Robot.set_value(M, 'enc_a', 0.5)\n",
         "student_code.py, line 7: enc_a takes a whole number (int), not float 0.5"},
        {std::string(sound) + "def f():\n    Robot.get_vaule('6_1', 'enc_a')\n",
         "student_code.py, line 6: Robot has no get_vaule. Did you mean Robot.get_value?"},
        {std::string(sound) + "def f():\n    Gamepad.get_value('button_q')\n",
         "line 6: The gamepad has no \"button_q\""},
        {std::string(sound) + "def f():\n    Robot.get_value('6_1', '\\udcff')\n",
         "line 6: There is no parameter \"\\udcff\" on KoalaBear"},
        {std::string(sound) + "def f():\n    Robot.run(f())\n", "write Robot.run(f), without the brackets"},
        {std::string("# \xff\n") + sound, "student_code.py, line 1: this is not text in UTF-8"},
        {"  \n\n", "student_code.py is empty"},
        {"", "is empty"},
        {std::string(2 << 20, '#'), "2097152 bytes"},
        {sound, "new student code: student_code.py; the next mode runs it"},
    };
    for (const auto& [code, line] : mistakes) {
        INFO(line);
        robot.write_code(code);
        REQUIRE(robot.wait_for_log(line));
    }
    std::filesystem::remove(robot.code_path());
    REQUIRE(robot.wait_for_log("There is no student program"));
    std::filesystem::create_directory(robot.code_path());
    REQUIRE(robot.wait_for_log("is a directory"));
    std::filesystem::remove(robot.code_path());
    std::ofstream(robot.code_path() + ".new").close();
    std::filesystem::resize_file(robot.code_path() + ".new", 100'000'000);
    std::filesystem::rename(robot.code_path() + ".new", robot.code_path());
    REQUIRE(robot.wait_for_log("has 100000000 bytes; more than 1048576 are not taken"));
}

TEST_CASE("an expression of hundreds of terms or elif of a program that runs do not stop the check") {
    const std::size_t terms = GENERATE(std::size_t{600}, std::size_t{1500});
    std::string chain = "def chain(n):\n    if n == 0:\n        Robot.lgo('n', n)\n";
    for (std::size_t i = 1; i < terms; ++i)
        chain += "    elif n == " + std::to_string(i) + ":\n        return\n";
    std::string sum = "def total(n):\n    return n";
    for (std::size_t i = 1; i < terms; ++i)
        sum += " + n";
    const std::string negative =
        "    Robot.set_value('6_1', 'velocity_a', " + std::string(terms, '-') + "1)\n";
    StudentRobot robot(sound);
    // The check of the start is over.
    REQUIRE(robot.wait_for_log("student code: "));
    robot.write_code(sound + sum + "\n" + chain + "def f():\n    Robot.slep(1)\n" + negative);
    REQUIRE(robot.wait_for_log("new student code"));
    INFO(robot.log());
    CHECK(robot.log().find("line 9: Robot has no lgo. Did you mean Robot.log?") != std::string::npos);
    CHECK(robot.log().find("Robot has no slep. Did you mean Robot.sleep?") != std::string::npos);
    CHECK(robot.log().find("rror") == std::string::npos);
    CHECK(robot.log().find("not Python") == std::string::npos);
    const auto run = robot.select(RunMode::teleop);
    CHECK(robot.wait_for(StudentPhase::ended, run));
}

TEST_CASE("an expression that is too long for Python is told as what it is, by the check and by the run") {
    std::string program = std::string(sound) + "def total(n):\n    return n";
    for (int i = 0; i < 5000; ++i)
        program += " + n";
    const std::string told =
        "student_code.py: an expression or a chain of elif in it is too long for Python: split it";
    StudentRobot robot(sound);
    robot.write_code(program + "\n");
    REQUIRE(robot.wait_for_log(told));
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log(told));
}

TEST_CASE("a file that is written in pieces is checked once it is whole, and what runs is not disturbed") {
    StudentRobot robot(
        "def autonomous():\n    pass\ndef teleop():\n    print('old')\n    Robot.sleep(1000)\n"
        "def unused():\n    Robot.get_vaule('6_1', 'enc_a')\n");
    // By its complaint the first check is known to be over; a file that comes before it would be the first
    // one.
    REQUIRE(robot.wait_for_log("Did you mean Robot.get_value?"));
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("old"));
    // On a busy machine one of the pieces may come late, and the file was quiet before it: then once more.
    bool checked_once = false;
    for (int attempt = 0; attempt < 20 && !checked_once; ++attempt) {
        const auto before = robot.log().size();
        write_in_pieces(robot);
        REQUIRE(robot.wait_for_log("new student code"));
        robot.wait_for_log("nothing more", 3 * executor::FileWatch::quiet);
        const std::string told = robot.log().substr(before);
        checked_once =
            told.find("not Python") == std::string::npos && test::count_of(told, "new student code") == 1;
    }
    CHECK(checked_once);
    CHECK(robot.student().phase == StudentPhase::running);
    CHECK(robot.student().run_id == run);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("brand-new"));
}

TEST_CASE("a mode without a usable file fails and says why, and a later upload is taken") {
    using std::filesystem::remove_all;
    const std::pair<const char*, std::function<void(const StudentRobot&)>> faults[] = {
        {"There is no student program", [](const StudentRobot& robot) { remove_all(robot.code_path()); }},
        {"is empty", [](const StudentRobot& robot) { robot.write_code(""); }},
        {"student_code.py, line 2: this is not text in UTF-8",
         [](const StudentRobot& robot) { robot.write_code("def teleop():\n    print('\xff')\n"); }},
        {"is a directory",
         [](const StudentRobot& robot) {
             remove_all(robot.code_path());
             std::filesystem::create_directory(robot.code_path());
         }},
        {"has 100000000 bytes; more than 1048576 are not taken",
         [](const StudentRobot& robot) {
             robot.write_code(sound);
             std::filesystem::resize_file(robot.code_path(), 100'000'000);
         }},
    };
    for (const auto& [told, spoil] : faults) {
        DYNAMIC_SECTION(told) {
            StudentRobot robot(sound);
            spoil(robot);
            REQUIRE(robot.wait_for_log(told));  // of the check, which tells it once
            const auto run = robot.select(RunMode::teleop);
            REQUIRE(robot.wait_for(StudentPhase::failed, run));
            REQUIRE(robot.wait_for_log(told));
            remove_all(robot.code_path());
            robot.write_code("def teleop():\n    print('here now')\n");
            robot.select(RunMode::teleop);
            REQUIRE(robot.wait_for_log("here now"));
        }
    }
}

TEST_CASE("a program that is right is not found fault with") {
    const auto* const code = GENERATE(
        "def made(times):\n    def action():\n        print(times)\n    return action\n"
        "def f():\n    Robot.run(made(3))\n",
        "MOTORS = None\nfrom string import *\ndef f():\n    Robot.get_value(MOTORS, 'velocity_a')\n");
    StudentRobot robot(sound);
    REQUIRE(robot.wait_for_log("student code: "));
    robot.write_code(std::string(sound) + code);
    REQUIRE(robot.wait_for_log("new student code: "));
    CHECK(robot.log().find("student_code.py, line") == std::string::npos);
}
