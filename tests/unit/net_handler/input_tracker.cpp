#include "net_handler/protocol/input_tracker.hpp"
#include "tests/unit/start.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using namespace runtime::net;
using runtime::test::start;

namespace {

InputsCommand gamepad(std::uint64_t buttons = 1) {
    return {InputsCommand::Gamepad{true, buttons, {0.5F, 0, 0, -1}}, std::nullopt, false};
}
InputsCommand keyboard(std::uint64_t keys = 2) {
    return {std::nullopt, InputsCommand::Keyboard{true, keys}, false};
}
InputsCommand both() {
    return {gamepad().gamepad, keyboard().keyboard, false};
}
InputsCommand nothing() {
    return {std::nullopt, std::nullopt, true};
}

/// Sends `command` every `period`, `count` times, the first at `time`; returns the time of the last.
Nanoseconds repeat(InputTracker& tracker, const InputsCommand& command, Nanoseconds time, Nanoseconds period,
                   int count) {
    for (int i = 0; i < count; ++i, time += period)
        tracker.receive(command, time);
    return time - period;
}

InputTracker tracker_at(Nanoseconds time) {
    InputTracker tracker;
    tracker.reset(time);
    return tracker;
}

/// The time after `last` at which the inputs of `tracker` go, in milliseconds.
Nanoseconds stale_after(InputTracker tracker, Nanoseconds last) {
    Nanoseconds time = last;
    while (!tracker.advance(time) && time < last + second)
        time += millisecond;
    return (time - last) / millisecond;
}

}  // namespace

TEST_CASE("nothing is connected until it is listed") {
    auto tracker = tracker_at(start);
    CHECK_FALSE(tracker.inputs().gamepad_connected);
    CHECK(tracker.deadline() == 0);
    tracker.receive(gamepad(), start + 1);
    CHECK(tracker.inputs().gamepad_connected);
    CHECK(tracker.inputs().gamepad_buttons == 1);
    CHECK(tracker.inputs().gamepad_axes[3] == -1);
    CHECK_FALSE(tracker.inputs().keyboard_connected);
    CHECK(tracker.inputs().time == start + 1);
    tracker.receive(keyboard(), start + 2);
    CHECK(tracker.inputs().gamepad_connected);
    CHECK(tracker.inputs().keyboard_keys == 2);
}

TEST_CASE("a source that says it is disconnected is gone and reads as nothing pressed") {
    auto tracker = tracker_at(start);
    tracker.receive(both(), start);
    auto off = both();
    off.gamepad->connected = false;
    tracker.receive(off, start + 1);
    CHECK_FALSE(tracker.inputs().gamepad_connected);
    CHECK(tracker.inputs().gamepad_buttons == 0);
    CHECK(tracker.inputs().gamepad_axes == std::array<float, 4>{});
    CHECK(tracker.inputs().keyboard_connected);
    off.keyboard->connected = false;
    tracker.receive(off, start + 2);
    CHECK_FALSE(tracker.inputs().keyboard_connected);
    CHECK(tracker.inputs().keyboard_keys == 0);
}

TEST_CASE("an empty UserInputs means that every source is gone") {
    auto tracker = tracker_at(start);
    tracker.receive(both(), start);
    tracker.receive(nothing(), start + 1);
    CHECK_FALSE(tracker.inputs().gamepad_connected);
    CHECK_FALSE(tracker.inputs().keyboard_connected);
}

TEST_CASE("a gamepad that is not listed for 500 ms while others come is gone") {
    auto tracker = tracker_at(start);
    tracker.receive(gamepad(), start);
    Nanoseconds time = start;
    for (; time < start + 500 * millisecond; time += 50 * millisecond) {
        tracker.receive(keyboard(), time);
        CHECK(tracker.inputs().gamepad_connected);
    }
    CHECK(tracker.deadline() <= start + 500 * millisecond);
    tracker.receive(keyboard(), start + 500 * millisecond);
    CHECK_FALSE(tracker.inputs().gamepad_connected);
    CHECK(tracker.inputs().keyboard_connected);
}

TEST_CASE("a keyboard that is not listed stays with a station that sends one source a message") {
    auto tracker = tracker_at(start);
    tracker.receive(keyboard(), start);
    repeat(tracker, gamepad(), start, 100 * millisecond, 50);
    CHECK(tracker.inputs().keyboard_connected);
}

TEST_CASE("a keyboard that is not listed is gone with a station that lists everything it has") {
    auto tracker = tracker_at(start);
    tracker.receive(both(), start);
    repeat(tracker, gamepad(), start, 50 * millisecond, 10);
    CHECK(tracker.inputs().keyboard_connected);
    tracker.receive(gamepad(), start + 500 * millisecond);
    CHECK_FALSE(tracker.inputs().keyboard_connected);

    auto known_by_time_stamps = tracker_at(start);
    known_by_time_stamps.lists_all_sources();
    known_by_time_stamps.receive(keyboard(), start);
    repeat(known_by_time_stamps, gamepad(), start, 50 * millisecond, 11);
    CHECK_FALSE(known_by_time_stamps.inputs().keyboard_connected);
}

TEST_CASE("inputs are stale after five usual intervals, from 100 ms to 500 ms") {
    const auto after_habit = [](Nanoseconds period) {
        auto tracker = tracker_at(start);
        const auto last = repeat(tracker, both(), start, period, 100);
        return stale_after(tracker, last);
    };
    CHECK(after_habit(1 * millisecond) == 100);
    CHECK(after_habit(20 * millisecond) == 100);
    CHECK(after_habit(50 * millisecond) == 250);
    CHECK(after_habit(80 * millisecond) == 400);
    CHECK(after_habit(100 * millisecond) == 500);
    CHECK(after_habit(180 * millisecond) == 500);
}

TEST_CASE("until the habit is known, inputs are stale after 500 ms") {
    auto tracker = tracker_at(start);
    const auto last = repeat(tracker, gamepad(), start, 10 * millisecond, 3);
    CHECK(stale_after(tracker, last) == 500);
}

TEST_CASE("packets in bursts are not taken for a faster habit") {
    auto tracker = tracker_at(start);
    Nanoseconds time = start;
    for (int burst = 0; burst < 30; ++burst) {
        time += 200 * millisecond;
        for (int i = 0; i < 4; ++i)
            tracker.receive(gamepad(), time + i * microsecond);
    }
    CHECK(stale_after(tracker, time) >= 250);
}

TEST_CASE("one pause does not change the habit, a slower habit is learned") {
    auto tracker = tracker_at(start);
    auto last = repeat(tracker, gamepad(), start, 20 * millisecond, 100);
    last = repeat(tracker, gamepad(), last + 400 * millisecond, 20 * millisecond, 50);
    CHECK(stale_after(tracker, last) <= 120);
    last = repeat(tracker, gamepad(), last + 90 * millisecond, 90 * millisecond, 20);
    CHECK(stale_after(tracker, last) >= 400);
}

TEST_CASE("any packet of the driver station keeps the inputs") {
    auto tracker = tracker_at(start);
    const auto last = repeat(tracker, both(), start, 50 * millisecond, 50);
    tracker.heard(last + 200 * millisecond);
    CHECK_FALSE(tracker.advance(last + 449 * millisecond));
    CHECK(tracker.advance(last + 450 * millisecond));
}

TEST_CASE("stale inputs come back only when they are listed again") {
    auto tracker = tracker_at(start);
    repeat(tracker, both(), start, 50 * millisecond, 50);
    const Nanoseconds later = start + 60 * second;
    tracker.heard(later);
    CHECK_FALSE(tracker.inputs().gamepad_connected);
    CHECK_FALSE(tracker.inputs().keyboard_connected);
    tracker.receive(gamepad(), later + 1);
    CHECK(tracker.inputs().gamepad_connected);
    CHECK_FALSE(tracker.inputs().keyboard_connected);
}

TEST_CASE("advance does at the deadline what it promised, and not before") {
    auto tracker = tracker_at(start);
    repeat(tracker, both(), start, 50 * millisecond, 50);
    const auto deadline = tracker.deadline();
    REQUIRE(deadline != 0);
    CHECK_FALSE(tracker.advance(deadline - 1));
    CHECK(tracker.advance(deadline));
    CHECK(tracker.deadline() == 0);
}

TEST_CASE("a driver station that comes or goes leaves nothing connected") {
    auto tracker = tracker_at(start);
    repeat(tracker, both(), start, 20 * millisecond, 50);
    tracker.reset(start + 2 * second);
    CHECK_FALSE(tracker.inputs().gamepad_connected);
    CHECK_FALSE(tracker.inputs().keyboard_connected);
    CHECK(tracker.inputs().gamepad_buttons == 0);
    tracker.receive(gamepad(), start + 2 * second);
    CHECK(stale_after(tracker, start + 2 * second) == 500);
}
