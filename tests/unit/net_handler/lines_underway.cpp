#include "net_handler/protocol/lines_underway.hpp"

#include <catch2/catch.hpp>

using runtime::net::LinesUnderway;

TEST_CASE("lines are underway until their packet has arrived to its end") {
    LinesUnderway underway;
    underway.reserve();
    CHECK(underway.lines() == 0);
    underway.add(3, 100);
    underway.add(5, 250);
    CHECK(underway.lines() == 8);
    underway.arrived(99);
    CHECK(underway.lines() == 8);
    underway.arrived(100);
    CHECK(underway.lines() == 5);
    underway.arrived(1000);
    CHECK(underway.lines() == 0);
}

TEST_CASE("of very many packets no line is forgotten, and none is taken for arrived too early") {
    LinesUnderway underway;
    underway.reserve();
    constexpr std::uint64_t packets = 10'000;
    for (std::uint64_t i = 1; i <= packets; ++i)
        underway.add(1, i);
    CHECK(underway.lines() == packets);
    underway.arrived(100);
    CHECK(underway.lines() == packets - 100);
    underway.arrived(packets - 1);
    CHECK(underway.lines() >= 1);
    underway.arrived(packets);
    CHECK(underway.lines() == 0);
}
