#include "dev_handler/slots.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace runtime;
using runtime::dev_handler::SlotTable;
using Refusal = SlotTable::Refusal;

TEST_CASE("Devices get slots of their own, with generation 1") {
    SlotTable table;
    std::set<std::size_t> slots;
    for (std::uint64_t uid = 0; uid < max_devices; ++uid) {
        const auto claim = table.claim(uid, 6, 26, 100);
        REQUIRE(claim.refusal == Refusal::none);
        slots.insert(claim.slot);
        const DeviceIdentity& identity = table.identity(claim.slot);
        CHECK(identity.uid == uid);
        CHECK(identity.type == 6);
        CHECK(identity.year == 26);
        CHECK(identity.since == 100);
        CHECK(identity.connected);
        CHECK(identity.generation == 1);
    }
    CHECK(slots.size() == max_devices);
    SECTION("The 33rd is refused, and takes the first slot that becomes free") {
        CHECK(table.claim(99, 6, 26, 200).refusal == Refusal::full);
        table.release(17, 300);
        const auto claim = table.claim(99, 6, 26, 400);
        CHECK(claim.refusal == Refusal::none);
        CHECK(claim.slot == 17);
        CHECK(table.identity(17).generation == 2);
    }
}

TEST_CASE("The same type and uid twice is refused, and another type or uid is not") {
    SlotTable table;
    const auto first = table.claim(5, 6, 26, 100);
    const auto second = table.claim(5, 6, 26, 200);
    CHECK(second.refusal == Refusal::duplicate);
    CHECK(second.slot == first.slot);
    CHECK(table.identity(first.slot).generation == 1);
    CHECK(table.claim(5, 7, 26, 200).refusal == Refusal::none);
    CHECK(table.claim(6, 6, 26, 200).refusal == Refusal::none);
}

TEST_CASE("A device that comes back gets its old slot with a new generation, while others avoid it") {
    SlotTable table;
    const auto first = table.claim(5, 6, 26, 100);
    table.release(first.slot, 200);
    CHECK_FALSE(table.identity(first.slot).connected);
    CHECK(table.identity(first.slot).since == 200);
    const auto other = table.claim(6, 6, 26, 300);
    CHECK(other.slot != first.slot);
    const auto again = table.claim(5, 6, 26, 400);
    CHECK(again.slot == first.slot);
    CHECK(table.identity(first.slot).generation == 2);
}

TEST_CASE("When every slot has been used, the one that was left first is given away") {
    SlotTable table;
    for (std::uint64_t uid = 0; uid < max_devices; ++uid)
        table.claim(uid, 6, 26, 100);
    table.release(20, 300);
    table.release(10, 200);
    table.release(30, 400);
    CHECK(table.claim(99, 6, 26, 500).slot == 10);
    CHECK(table.claim(98, 6, 26, 500).slot == 20);
}

TEST_CASE("What an earlier dev_handler left is not connected, keeps its slot and its generations") {
    SlotTable table;
    DeviceIdentity left{};
    left.uid = 5;
    left.type = 6;
    left.connected = true;
    left.generation = 41;
    left.since = 50;
    left.port.fill('x');
    table.restore(3, left, 70);
    CHECK_FALSE(table.identity(3).connected);
    CHECK(table.identity(3).since == 70);
    CHECK(table.identity(3).port.back() == '\0');
    const auto claim = table.claim(5, 6, 26, 100);
    CHECK(claim.slot == 3);
    CHECK(table.identity(3).generation == 42);
}

TEST_CASE(
    "A device that was connected when a dev_handler ended is expected back, until it is there or the time is "
    "over") {
    SlotTable table;
    CHECK(table.identity(0).expected_until == 0);
    table.claim(5, 6, 26, 100);
    CHECK(table.identity(0).expected_until == 0);
    SECTION("lost by itself") {
        table.release(0, 200);
        CHECK(table.identity(0).expected_until == 0);
        SlotTable next;
        next.restore(0, table.identity(0), 300);
        CHECK(next.identity(0).expected_until == 0);
    }
    SECTION("a dev_handler that was killed") {
        SlotTable next;
        next.restore(0, table.identity(0), 300);
        CHECK(next.identity(0).expected_until == 300 + return_limit);
        next.claim(5, 6, 26, 400);
        CHECK(next.identity(0).expected_until == 0);
    }
    SECTION("a dev_handler that ends") {
        table.release_for_next(0, 200);
        CHECK_FALSE(table.identity(0).connected);
        CHECK(table.identity(0).expected_until == 200 + return_limit);
    }
    SECTION("one that comes soon enough expects it anew, one that comes too late does not") {
        table.release_for_next(0, 200);
        SlotTable next;
        next.restore(0, table.identity(0), 300);
        CHECK(next.identity(0).expected_until == 300 + return_limit);
        SlotTable late;
        late.restore(0, table.identity(0), 200 + return_limit);
        CHECK(late.identity(0).expected_until <= 200 + return_limit);
    }
}

TEST_CASE("Generation 0 means never used and is skipped") {
    SlotTable table;
    DeviceIdentity left{};
    left.uid = 5;
    left.type = 6;
    left.generation = 0xFFFFFFFF;
    table.restore(0, left, 70);
    CHECK(table.claim(5, 6, 26, 100).slot == 0);
    CHECK(table.identity(0).generation == 1);
}
