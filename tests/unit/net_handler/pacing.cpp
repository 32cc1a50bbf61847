#include "net_handler/protocol/pacing.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "net_handler/protocol/rate_limit.hpp"
#include "tests/unit/start.hpp"

using namespace runtime;
using namespace runtime::net;
using runtime::test::start;

namespace {

struct Sent {
    int device_data = 0;
    int logs = 0;
    std::size_t bytes = 0;
    Nanoseconds longest_log_wait = 0;
};

/// One second of a connection that sends whatever may go, as soon as it may.
Sent one_second(Pacing pacing, std::size_t device_data_size, std::size_t log_size) {
    Sent sent;
    Nanoseconds last_log = start;
    Nanoseconds time = start;
    while (time < start + second) {
        if (log_size > 0 && time >= pacing.log_due()) {
            pacing.log_sent(log_size, time);
            sent.longest_log_wait = std::max(sent.longest_log_wait, time - last_log);
            last_log = time;
            ++sent.logs;
            sent.bytes += log_size;
        } else if (time >= pacing.device_data_due()) {
            pacing.device_data_sent(device_data_size, time);
            ++sent.device_data;
            sent.bytes += device_data_size;
        } else {
            const Nanoseconds next = log_size > 0 ? std::min(pacing.log_due(), pacing.device_data_due())
                                                  : pacing.device_data_due();
            REQUIRE(next > time);
            time = next;
        }
    }
    return sent;
}

}  // namespace

TEST_CASE("small DevData goes at the full rate") {
    CHECK(one_second(Pacing(100, 4), 1000, 0).device_data == 100);
    CHECK(one_second(Pacing(25, 4), 1000, 0).device_data == 25);
    CHECK(one_second(Pacing(1000, 0), 60000, 0).device_data == 1000);
}

TEST_CASE("the rate yields to the size so that the bandwidth is kept") {
    const auto sent = one_second(Pacing(100, 4), 60000, 0);
    CHECK(sent.bytes <= 500'000 + 60000);
    CHECK(sent.device_data >= 8);
    const auto slow = one_second(Pacing(100, 1), 5000, 0);
    CHECK(slow.device_data >= 25);
    CHECK(slow.device_data <= 28);
}

TEST_CASE("log lines do not wait for device data, and use at most half of the bandwidth") {
    const auto few = one_second(Pacing(100, 4), 60000, 200);
    CHECK(few.longest_log_wait <= 10 * millisecond);
    CHECK(few.device_data >= 8);
    const auto flood = one_second(Pacing(100, 4), 2000, 16384);
    CHECK(static_cast<std::size_t>(flood.logs) * 16384 <= 250'000 + 3 * 16384);
    CHECK(flood.device_data >= 80);
    CHECK(flood.bytes <= 500'000 + 100'000);
}

TEST_CASE("however little the bandwidth, device data come once a second, and logs too") {
    Pacing pacing(100, 0.001);
    pacing.device_data_sent(64'000, start);
    CHECK(pacing.device_data_due() > start + 900 * millisecond);
    CHECK(pacing.device_data_due() <= start + second);
    CHECK(pacing.log_due() <= start + second);
}

TEST_CASE("a rate limit reports at once, then counts") {
    RateLimit limit;
    CHECK(limit.count(start) == 1);
    for (int i = 0; i < 99; ++i)
        CHECK_FALSE(limit.count(start + i));
    CHECK(limit.count(start + second) == 100);
    CHECK(limit.total() == 101);
    RateLimit several(3);
    for (int i = 0; i < 3; ++i)
        CHECK(several.count(start) == 1);
    CHECK_FALSE(several.count(start));
}

TEST_CASE("what a rate limit has held back is overdue once it may be reported") {
    RateLimit limit;
    CHECK_FALSE(limit.overdue(start));
    limit.count(start);
    CHECK_FALSE(limit.overdue(start + second));
    limit.count(start + second);
    limit.count(start + second + 1);
    limit.count(start + second + 2);
    CHECK_FALSE(limit.overdue(start + second + 3));
    CHECK(limit.overdue(start + 2 * second) == 2);
    CHECK_FALSE(limit.overdue(start + 9 * second));
    CHECK(limit.total() == 4);
}

TEST_CASE(
    "a rate limit never reports more than once a second for long, and saves up no more than its burst") {
    RateLimit limit(3);
    int reports = 0;
    for (int ms = 0; ms < 100'000; ++ms)
        reports += limit.count(start + ms * millisecond) ? 1 : 0;
    CHECK(reports >= 100);
    CHECK(reports <= 103);
    reports = 0;
    for (int i = 0; i < 10; ++i)
        reports += limit.count(start + 1000 * second) ? 1 : 0;
    CHECK(reports == 3);
}
