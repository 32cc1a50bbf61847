#include "net_handler/station/key_names.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace runtime::station;

TEST_CASE("every key of the student API has its bit") {
    CHECK(key_bit("a") == 0);
    CHECK(key_bit("w") == 22);
    CHECK(key_bit("z") == 25);
    CHECK(key_bit("1") == 26);
    CHECK(key_bit("9") == 34);
    CHECK(key_bit("0") == 35);
    CHECK(key_bit(",") == 36);
    CHECK(key_bit("]") == 42);
    CHECK(key_bit("left_arrow") == 43);
    CHECK(key_bit("down_arrow") == 46);
    CHECK(key_bit("ArrowLeft") == 43);
    CHECK(key_bit("ArrowRight") == 44);
    CHECK(key_bit("ArrowUp") == 45);
    CHECK(key_bit("ArrowDown") == 46);
    std::set<std::string_view> names;
    for (std::size_t bit = 0; bit < key_count; ++bit) {
        CHECK(key_bit(key_name(bit)) == bit);
        names.insert(key_name(bit));
    }
    CHECK(names.size() == key_count);
}

TEST_CASE("the buttons of a gamepad have theirs, and what is neither has none") {
    CHECK(button_bit("button_a") == 0);
    CHECK(button_bit("button_xbox") == 16);
    CHECK_FALSE(button_bit("w"));
    CHECK_FALSE(key_bit("button_a"));
    CHECK_FALSE(key_bit(""));
    CHECK_FALSE(key_bit("W"));
    CHECK(key_name(key_count).empty());
}

TEST_CASE("held keys are named for people") {
    CHECK(names_of_keys(0).empty());
    CHECK(names_of_keys(1ULL << 22 | 1ULL << 3 | 1ULL << 46) == "d w down_arrow");
    CHECK(names_of_keys(~0ULL).size() > 47);
}
