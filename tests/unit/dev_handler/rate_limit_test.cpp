#include "dev_handler/rate_limit.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using namespace runtime::dev_handler;

TEST_CASE("A rate limit allows so many in each window and counts the rest") {
    RateLimit limit(2, second);
    CHECK(limit.allow(1));
    CHECK(limit.allow(2));
    CHECK_FALSE(limit.allow(3));
    CHECK_FALSE(limit.allow(second));
    CHECK(limit.suppressed() == 2);
    CHECK(limit.allow(1 + second));
    CHECK(limit.take_suppressed() == 2);
    CHECK(limit.take_suppressed() == 0);
}

TEST_CASE("A backoff doubles up to its limit and begins anew after reset") {
    Backoff backoff(100, 350);
    CHECK(backoff.next() == 100);
    CHECK(backoff.next() == 200);
    CHECK(backoff.next() == 350);
    CHECK(backoff.next() == 350);
    backoff.reset();
    CHECK(backoff.next() == 100);
}
