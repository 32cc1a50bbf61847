#include "net_handler/station/retry.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using namespace runtime::station;

TEST_CASE("it waits 1 s before the second attempt, then twice as long each time, 8 s at most") {
    Retry retry;
    Nanoseconds time = 1000 * second;
    for (const int wait : {1, 2, 4, 8, 8})
        CHECK(retry.ended(time += second) == wait * second);
}

TEST_CASE("a connection that lasted makes the wait short again, and one that was lost soon does not") {
    Retry retry;
    CHECK(retry.ended(1000 * second) == 1 * second);
    retry.connected(1001 * second);
    CHECK(retry.ended(1003 * second) == 2 * second);
    retry.connected(1005 * second);
    CHECK(retry.ended(1016 * second) == 1 * second);
    CHECK(retry.ended(1017 * second) == 2 * second);
}

TEST_CASE("how long an attempt takes does not count as a connection that lasted") {
    Retry retry;
    CHECK(retry.ended(1000 * second) == 1 * second);
    CHECK(retry.ended(1060 * second) == 2 * second);
    retry.connected(1120 * second);
    CHECK(retry.ended(1121 * second) == 4 * second);
}
