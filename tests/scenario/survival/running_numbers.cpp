#include "tests/scenario/survival/running_numbers.hpp"

#include <regex>
#include <utility>

namespace runtime::test {
namespace {

constexpr std::uint64_t check_modulus = 9973;

}  // namespace

const char* const counting_code = R"(
import time

life = time.monotonic_ns()
number = 0

def count():
    global number
    # One piece: Python may end a print of several between two of them, with the mode.
    print(f"count {life} {number} {number * number % 9973} end")
    Robot.log("key" + str(number % 40), number)
    number += 1
    try:
        Robot.set_value("6_77", "velocity_a", 0.5)
    except DeviceError:
        pass
    Robot.sleep(0.02)

def teleop():
    while True:
        count()

def autonomous():
    while True:
        count()
)";

std::optional<std::string> RunningNumbers::take(const std::string& line) {
    const auto begin = line.find("count ");
    if (begin == std::string::npos)
        return std::nullopt;
    static const std::regex form("count (\\d+) (\\d+) (\\d+) end");
    std::smatch match;
    const std::string text = line.substr(begin);
    if (!std::regex_match(text, match, form))
        return "a torn line: " + line;
    const std::uint64_t number = std::stoull(match[2]);
    if (std::stoull(match[3]) != number * number % check_modulus)
        return "a torn line: " + line;
    ++count_;
    const auto [place, new_life] = next_.try_emplace(match[1], 0);
    const std::uint64_t expected = place->second;
    const bool gap_allowed = std::exchange(gap_allowed_, false);
    place->second = number + 1;
    if (number < expected)
        return "a repeated line: " + line + ", expected " + std::to_string(expected);
    if (number > expected && !gap_allowed)
        return "lines are missing before: " + line + ", expected " + std::to_string(expected);
    return std::nullopt;
}

void RunningNumbers::begin_anew() {
    next_.clear();
    gap_allowed_ = true;
}

}  // namespace runtime::test
