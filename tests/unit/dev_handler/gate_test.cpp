#include "dev_handler/gate.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "shm_wrapper/block.hpp"

using namespace runtime;
using namespace runtime::dev_handler;

TEST_CASE("The gate is open only where all conditions hold: every combination of them") {
    int open = 0;
    int looked_at = 0;
    std::set<GateState> seen;
    for (const auto mode : {RunMode::idle, RunMode::autonomous, RunMode::teleop, RunMode{3}, RunMode{255}})
        for (const bool input : {false, true})
            for (const bool net_handler : {false, true})
                for (const bool executor : {false, true})
                    for (const bool running : {false, true})
                        for (const std::uint64_t student_run : {4U, 5U}) {
                            const GateConditions conditions{mode,    input, net_handler, executor,
                                                            running, 5,     student_run};
                            const GateState state = gate_state(conditions);
                            const bool mode_moves =
                                mode == RunMode::autonomous || (mode == RunMode::teleop && input);
                            const bool expected =
                                mode_moves && net_handler && executor && running && student_run == 5;
                            REQUIRE((state == GateState::open) == expected);
                            // The reason given is one that is true.
                            switch (state) {
                                case GateState::open:
                                    ++open;
                                    break;
                                case GateState::net_handler_dead:
                                    REQUIRE_FALSE(net_handler);
                                    break;
                                case GateState::idle:
                                    REQUIRE((mode != RunMode::autonomous && mode != RunMode::teleop));
                                    break;
                                case GateState::no_input:
                                    REQUIRE((mode == RunMode::teleop && !input));
                                    break;
                                case GateState::executor_dead:
                                    REQUIRE_FALSE(executor);
                                    break;
                                case GateState::student_not_running:
                                    REQUIRE_FALSE(running);
                                    break;
                                case GateState::other_run:
                                    REQUIRE(student_run != 5);
                                    break;
                            }
                            seen.insert(state);
                            ++looked_at;
                        }
    CHECK(looked_at == 5 * 2 * 2 * 2 * 2 * 2);
    CHECK(open == 3);  // AUTO with and without input, TELEOP with input
    CHECK(seen.size() == 7);
}

TEST_CASE("What nobody has said yet keeps the gate closed") {
    CHECK(gate_state(GateConditions{}) != GateState::open);
}

TEST_CASE("A command is current only with both its run id and its generation") {
    CHECK(command_is_current(7, 7, 3, 3));
    CHECK_FALSE(command_is_current(6, 7, 3, 3));
    CHECK_FALSE(command_is_current(7, 7, 2, 3));
    CHECK_FALSE(command_is_current(6, 7, 2, 3));
}

TEST_CASE("An open gate is looked at every 10 ms, and at the moment when a heartbeat becomes too old") {
    constexpr Nanoseconds time = 1000 * second;
    constexpr Nanoseconds period = 10 * millisecond;
    struct Case {
        Nanoseconds net_handler_age;
        Nanoseconds executor_age;
        Nanoseconds expected;
    };
    for (const auto& [net_handler_age, executor_age, expected] :
         std::initializer_list<Case>{{0, 0, period},
                                     {-3600 * second, 0, period},
                                     {70 * millisecond, 70 * millisecond, period},
                                     {73 * millisecond, 20 * millisecond, 7 * millisecond},
                                     {20 * millisecond, 73 * millisecond, 7 * millisecond},
                                     {77 * millisecond, 73 * millisecond, 3 * millisecond},
                                     {heartbeat_limit - 1, 0, 1}}) {
        CAPTURE(net_handler_age, executor_age);
        const Nanoseconds look =
            next_look(GateState::open, time, time - net_handler_age, time - executor_age);
        CHECK(look == time + expected);
        // The look that is meant for a heartbeat comes when it is too old, and not just before.
        const Nanoseconds oldest = std::max(net_handler_age, executor_age);
        BlockHeader header{};
        header.heartbeat = time - oldest;
        CHECK(fresh(header, look) == (oldest < heartbeat_limit - period));
    }
}

TEST_CASE("A closed gate is looked at with each heartbeat, however old those of the others are") {
    constexpr Nanoseconds time = 1000 * second;
    for (int state = 1; state <= static_cast<int>(GateState::other_run); ++state)
        for (const Nanoseconds heartbeat : {Nanoseconds{0}, time - 75 * millisecond, time}) {
            CAPTURE(state, heartbeat);
            CHECK(next_look(static_cast<GateState>(state), time, heartbeat, time) == time + heartbeat_period);
            CHECK(next_look(static_cast<GateState>(state), time, time, heartbeat) == time + heartbeat_period);
        }
}

TEST_CASE("Every state of the gate is described in words of its own") {
    std::set<std::string_view> words;
    for (int state = 0; state <= static_cast<int>(GateState::other_run); ++state)
        words.insert(describe(static_cast<GateState>(state)));
    CHECK(words.size() == 7);
}
