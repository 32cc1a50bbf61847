// What the log shows of an error: the student's own lines, and of a long traceback what matters.
#include <catch2/catch.hpp>

#include "tests/scenario/executor/student_robot.hpp"

using namespace runtime;
using runtime::test::StudentRobot;

namespace {

/// Two functions that call each other: Python shows each of their lines, as no two neighbours are the same.
constexpr const char* endless_recursion = R"(
def there(n):
    return back(n + 1)  # ♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥

def back(n):
    return there(n + 1)  # ♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥♥

def teleop():
    there(0)
)";

/// Its text takes six bytes in UTF-8 for each character.
constexpr const char* text_that_is_no_text = R"(
def teleop():
    raise ValueError(("\udcff" * 40 + "\n") * 300 + "the end of it")
)";

}  // namespace

TEST_CASE("an error of a call of the API is shown at the student's line, without what is behind the call") {
    const auto [call, error] = GENERATE(
        std::pair("Robot.sleep('1')", "TypeError: Robot.sleep takes a number of seconds, not str '1'"),
        std::pair("Robot.run(print())", "TypeError: Robot.run takes a function"),
        std::pair("Robot.run(print, 1, 2, nothing=3)", "TypeError: Robot.run: print"),
        std::pair("Robot.slep(1)", "AttributeError: Robot has no slep. Did you mean sleep?"),
        std::pair("Robot.start_pos = 1", "AttributeError: Robot.start_pos cannot be changed"));
    StudentRobot robot(std::string("def teleop():\n    ") + call + "\n", test::unhurried);
    const auto run = robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for(StudentPhase::failed, run));
    REQUIRE(robot.wait_for_log("  File \"student_code.py\", line 2, in teleop"));
    REQUIRE(robot.wait_for_log(""));
    CHECK(robot.line().text == std::string("    ") + call);
    const bool told = robot.wait_for_log(error);
    INFO(robot.log());
    REQUIRE(told);
    CHECK(robot.log().find("<runtime>") == std::string::npos);
    CHECK(robot.log().find("_runtime") == std::string::npos);
}

TEST_CASE("the lines of a program are counted as Python counts them, whatever characters are in them") {
    StudentRobot robot(
        "# \v \f \x1c \x1d \x1e \xc2\x85 \xe2\x80\xa8 \xe2\x80\xa9 end no line\r\n"
        "# this ends one: \r"
        "def teleop():\n"
        "    print(Robot.get_value('6_1', enc_a))\n"
        "# after it\n",
        test::unhurried);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("  File \"student_code.py\", line 4, in teleop"));
    REQUIRE(robot.wait_for_log(""));
    CHECK(robot.line().text == "    print(Robot.get_value('6_1', enc_a))");
    const bool told = robot.wait_for_log("NameError: ");
    INFO(robot.log());
    REQUIRE(told);
    CHECK(robot.line().text.find("Did you forget the quotes? Write \"enc_a\"") != std::string::npos);
}

TEST_CASE("of a traceback that is too long the middle is left out, and its first and last lines are whole") {
    const auto [code, last] = GENERATE(
        std::pair(endless_recursion,
                  "RecursionError: maximum recursion depth exceeded. A function calls itself without an end"),
        std::pair(text_that_is_no_text, "the end of it"));
    StudentRobot robot(code, test::unhurried);
    robot.select(RunMode::teleop);
    for (const char* line : {"Traceback (most recent call last):", "  File \"student_code.py\", line ",
                             "  ... (the middle of a long traceback is left out)", last}) {
        INFO(line);
        const bool told = robot.wait_for_log(line);
        INFO(robot.log());
        REQUIRE(told);
    }
    CHECK(robot.line().text == last);
}

TEST_CASE("of a recursion that is deeper than Python allows by itself no more is read than can be shown") {
    StudentRobot robot(R"(
import sys
sys.setrecursionlimit(10_000)

def deeper(n):
    return deeper(n + 1) + 1

def teleop():
    deeper(0)
)",
                       test::unhurried);
    robot.select(RunMode::teleop);
    const std::string repeated = "[Previous line repeated ";
    REQUIRE(robot.wait_for_log(repeated));
    const std::string line = robot.line().text;
    CHECK(std::stoi(line.substr(line.find(repeated) + repeated.size())) < 1500);
    REQUIRE(robot.wait_for_log("RecursionError: maximum recursion depth exceeded"));
}

TEST_CASE("of an error with thousands of lines the first are shown, and that there are more") {
    StudentRobot robot("def teleop():\n    raise ValueError('\\n'.join(map(str, range(3000))))\n",
                       test::unhurried);
    robot.select(RunMode::teleop);
    REQUIRE(robot.wait_for_log("ValueError: 0"));
    REQUIRE(robot.wait_for_log("(more lines follow; they are not shown)"));
    CHECK(robot.log().find("2999") == std::string::npos);
}
