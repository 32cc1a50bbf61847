#include "net_handler/protocol/status_rhythm.hpp"
#include "tests/unit/start.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace runtime;
using namespace runtime::net;
using runtime::test::start;

TEST_CASE("the status goes out at once, then every 500 ms") {
    const Status status{true, false, runtime::RunMode::idle, 12.5F};
    StatusRhythm rhythm;
    std::vector<Nanoseconds> sent;
    for (Nanoseconds time = start; time <= start + 2 * second; time += millisecond)
        if (rhythm.due(status, time)) {
            rhythm.sent(status, time);
            sent.push_back(time - start);
            CHECK(rhythm.next() == time + 500 * millisecond);
        }
    CHECK(sent == std::vector<Nanoseconds>{0, 500 * millisecond, 1000 * millisecond, 1500 * millisecond,
                                           2000 * millisecond});
}

TEST_CASE("every change goes out at once, and the rhythm goes on from it") {
    const Status before{true, false, runtime::RunMode::idle, 12.5F};
    const std::vector<Status> changes{{false, false, runtime::RunMode::idle, 12.5F},
                                      {true, true, runtime::RunMode::idle, 12.5F},
                                      {true, false, runtime::RunMode::teleop, 12.5F},
                                      {true, false, runtime::RunMode::idle, 12.0F}};
    for (const Status& after : changes) {
        StatusRhythm rhythm;
        rhythm.sent(before, start);
        const Nanoseconds time = start + 123 * millisecond;
        CHECK_FALSE(rhythm.due(before, time));
        CHECK(rhythm.changed(after));
        CHECK(rhythm.due(after, time));
        rhythm.sent(after, time);
        CHECK_FALSE(rhythm.due(after, time));
        CHECK_FALSE(rhythm.due(after, time + 500 * millisecond - 1));
        CHECK(rhythm.due(after, time + 500 * millisecond));
        CHECK(rhythm.due(before, time));
    }
}

TEST_CASE("a change and back between two looks is no change") {
    const Status status{true, true, runtime::RunMode::autonomous, 0};
    StatusRhythm rhythm;
    rhythm.sent(status, start);
    CHECK_FALSE(rhythm.changed(status));
    CHECK_FALSE(rhythm.due(status, start + millisecond));
}

TEST_CASE("a small change of the battery waits for the next of every 500 ms, and small ones add up") {
    Status status{true, false, runtime::RunMode::idle, 12.0F};
    StatusRhythm rhythm;
    rhythm.sent(status, start);
    status.battery = 12.03F;
    CHECK_FALSE(rhythm.changed(status));
    CHECK_FALSE(rhythm.due(status, start + 499 * millisecond));
    CHECK(rhythm.due(status, start + 500 * millisecond));
    status.battery = 12.06F;
    CHECK(rhythm.due(status, start + 1));
    status.battery = 11.94F;
    CHECK(rhythm.due(status, start + 1));
}
