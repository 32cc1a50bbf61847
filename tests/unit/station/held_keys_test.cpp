#include "net_handler/station/held_keys.hpp"
#include "tests/unit/start.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using namespace runtime::station;
using runtime::test::start;

namespace {

constexpr std::size_t w = 22;
constexpr std::size_t d = 3;
constexpr std::uint64_t bit_w = 1ULL << w;
constexpr std::uint64_t bit_d = 1ULL << d;

}  // namespace

TEST_CASE("a key that is pressed once counts as held until a terminal would have repeated it") {
    HeldKeys held;
    CHECK(held.at(start) == 0);
    CHECK(held.deadline(start) == 0);
    held.press(w, start);
    CHECK(held.at(start) == bit_w);
    CHECK(held.at(start + 500 * millisecond) == bit_w);
    CHECK(held.deadline(start) == start + first_hold);
    CHECK(held.at(start + first_hold) == 0);
}

TEST_CASE("a key that repeats stays held without a gap, and is let go soon after its last repeat") {
    HeldKeys held;
    held.press(w, start);
    Nanoseconds time = start + 500 * millisecond;
    for (; time < start + 3 * second; time += 40 * millisecond) {
        CHECK(held.at(time) == bit_w);
        held.press(w, time);
        CHECK(held.at(time + 39 * millisecond) == bit_w);
    }
    const Nanoseconds last = time - 40 * millisecond;
    CHECK(held.at(last + repeat_hold - 1) == bit_w);
    CHECK(held.at(last + repeat_hold) == 0);
}

TEST_CASE("a second tap does not shorten the hold of the first") {
    HeldKeys held;
    held.press(w, start);
    held.press(w, start + 50 * millisecond);
    CHECK(held.at(start + 500 * millisecond) == bit_w);
    CHECK(held.at(start + first_hold) == 0);
}

TEST_CASE("keys are held apart from each other, and all are let go at once") {
    HeldKeys held;
    held.press(w, start);
    held.press(d, start + 100 * millisecond);
    CHECK(held.at(start + 100 * millisecond) == (bit_w | bit_d));
    CHECK(held.deadline(start + 100 * millisecond) == start + first_hold);
    CHECK(held.at(start + first_hold) == bit_d);
    held.clear();
    CHECK(held.at(start + 200 * millisecond) == 0);
}

TEST_CASE("a key that the robot does not have is none") {
    HeldKeys held;
    held.press(key_count, start);
    held.press(~std::size_t{0}, start);
    CHECK(held.at(start) == 0);
}
