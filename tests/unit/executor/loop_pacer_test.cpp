#include "executor/student/loop_pacer.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

using namespace runtime;
using runtime::student::LoopPacer;

TEST_CASE("without anything new the loop turns every 20 ms") {
    LoopPacer pacer;
    pacer.begin(second);
    CHECK(pacer.latest() == second + 20 * millisecond);
}

TEST_CASE("an input is answered at once, also while devices report all the time") {
    LoopPacer pacer;
    Nanoseconds time = second;
    for (int i = 0; i < 5000; ++i) {  // device data without pause
        time = std::max(time, pacer.after_data(time));
        pacer.begin(time);
    }
    CHECK(pacer.after_inputs(time + 1) <= time + 1);
}

TEST_CASE("in no second are there more than 1000 turns, whatever changes") {
    LoopPacer pacer;
    std::deque<Nanoseconds> turns;
    std::size_t most = 0;
    Nanoseconds time = second;
    for (int i = 0; i < 5000; ++i) {
        time = std::max(time, i % 3 == 0 ? pacer.after_inputs(time) : pacer.after_data(time));
        pacer.begin(time);
        turns.push_back(time);
        while (turns.front() <= time - second)
            turns.pop_front();
        most = std::max(most, turns.size());
    }
    CHECK(most <= 1000);
    CHECK(most > 900);
}
