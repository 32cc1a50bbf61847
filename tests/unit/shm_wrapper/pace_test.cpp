#include "shm_wrapper/pace.hpp"
#include "tests/unit/start.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using runtime::test::start;

namespace {

constexpr Nanoseconds interval = 250'000;
constexpr std::uint32_t burst = 16;
}  // namespace

TEST_CASE("Events that are rarer than the interval, and those of a burst, are not delayed") {
    Pace pace(interval, burst);
    for (Nanoseconds i = 0; i < 1000; ++i)
        REQUIRE(pace.next(start + i * interval) == start + i * interval);
    const Nanoseconds later = start + second;
    for (std::uint32_t i = 0; i < burst; ++i)
        REQUIRE(pace.next(later) == later);
    CHECK(pace.next(later) == later + interval);
}

TEST_CASE("Events without end come at the rate, after a burst") {
    Pace pace(interval, burst);
    std::uint64_t count = 0;
    for (Nanoseconds time = start; time < start + second; ++count)
        time = pace.next(time + 1);
    CHECK(count >= second / interval);
    CHECK(count <= second / interval + burst + 1);
}

TEST_CASE("After a pause of any length no more than a burst is at once") {
    Pace pace(interval, burst);
    for (const Nanoseconds pause : {second, 3600 * second}) {
        const Nanoseconds time = pace.next(start + pause);
        std::uint32_t at_once = 1;
        while (pace.next(time) == time)
            ++at_once;
        CHECK(at_once == burst);
    }
}
