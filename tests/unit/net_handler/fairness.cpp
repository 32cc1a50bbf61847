#include "net_handler/protocol/fairness.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace runtime::net;

namespace {

AddressBytes ipv4(std::uint8_t last) {
    return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, last};
}

AddressBytes ipv6(std::uint8_t network, std::uint8_t host) {
    return {0xFD, 0, 0, 0, 0, 0, 0, network, 0, 0, 0, 0, 0, 0, 0, host};
}

}  // namespace

TEST_CASE("one connection makes room for itself") {
    CHECK(to_make_room(std::vector{ipv4(1)}) == 0);
}

TEST_CASE("the oldest connection of the address that has most makes room") {
    CHECK(to_make_room(std::vector{ipv4(1), ipv4(2), ipv4(3)}) == 0);
    CHECK(to_make_room(std::vector{ipv4(1), ipv4(2), ipv4(3), ipv4(2)}) == 1);
    CHECK(to_make_room(std::vector{ipv4(1), ipv4(9), ipv4(9), ipv4(1), ipv4(9)}) == 1);
}

TEST_CASE("a computer with many IPv6 addresses in its network is one") {
    CHECK(household_of(ipv6(1, 1)) == household_of(ipv6(1, 2)));
    CHECK(household_of(ipv6(1, 1)) != household_of(ipv6(2, 1)));
    CHECK(household_of(ipv4(1)) != household_of(ipv4(2)));
    CHECK(to_make_room(std::vector{ipv4(1), ipv4(2), ipv6(1, 1), ipv6(1, 2), ipv6(2, 1)}) == 2);
}

TEST_CASE("a flood of one address never costs another its place") {
    std::vector<AddressBytes> waiting{ipv4(1)};
    for (int i = 0; i < 10'000; ++i) {
        waiting.push_back(ipv4(2));
        if (waiting.size() > 32)
            waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(to_make_room(waiting)));
    }
    CHECK(waiting.size() == 32);
    CHECK(waiting.front() == ipv4(1));
}

TEST_CASE("nor one in its own IPv6 network, as all link-local addresses are") {
    std::vector<AddressBytes> waiting{ipv6(1, 1)};
    for (int i = 0; i < 10'000; ++i) {
        waiting.push_back(ipv6(1, 2));
        if (waiting.size() > 32)
            waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(to_make_room(waiting)));
    }
    CHECK(waiting.size() == 32);
    CHECK(waiting.front() == ipv6(1, 1));
}

TEST_CASE("addresses take turns, the oldest connection of each first") {
    Turns turns;
    CHECK(turns.next(std::vector{ipv4(1), ipv4(1), ipv4(1)}) == 0);
    CHECK(turns.next(std::vector{ipv4(1), ipv4(1), ipv4(2)}) == 2);
    CHECK(turns.next(std::vector{ipv4(1), ipv4(2), ipv4(2)}) == 0);
    CHECK(turns.next(std::vector{ipv4(2), ipv4(1), ipv4(3)}) == 2);
    CHECK(turns.next(std::vector{ipv4(1), ipv4(3), ipv4(2)}) == 2);
}

TEST_CASE("whom nobody remembers is next, however many there were") {
    Turns turns;
    for (int i = 0; i < 1000; ++i)
        turns.next(std::vector{ipv4(static_cast<std::uint8_t>(i))});
    CHECK(turns.next(std::vector{ipv4(231), ipv4(1)}) == 1);
}

TEST_CASE("the addresses of one IPv6 network share its turns") {
    Turns turns;
    CHECK(turns.next(std::vector{ipv6(1, 2), ipv6(1, 2), ipv6(1, 1), ipv4(1)}) == 0);
    CHECK(turns.next(std::vector{ipv6(1, 2), ipv6(1, 1), ipv4(1)}) == 2);
    CHECK(turns.next(std::vector{ipv6(1, 2), ipv6(1, 1)}) == 1);
    CHECK(turns.next(std::vector{ipv6(1, 1), ipv6(1, 2)}) == 1);
}
