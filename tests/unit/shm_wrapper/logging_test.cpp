#include "shm_wrapper/process/logging.hpp"

#include <catch2/catch.hpp>

using runtime::printable;

TEST_CASE("printable keeps text, tabs and other languages") {
    CHECK(printable("velocity_a = 0.5\tok") == "velocity_a = 0.5\tok");
    CHECK(printable("Zoë → 漢字 🤖") == "Zoë → 漢字 🤖");
    CHECK(printable("").empty());
}

TEST_CASE("printable replaces control characters") {
    CHECK(printable(std::string("a\0b\x1b[31m\r\n\x7f", 11)) == "a?b?[31m???");
}

TEST_CASE("printable replaces what is not UTF-8, byte by byte") {
    const std::string mark = "\uFFFD";
    CHECK(printable("a\xff"
                    "b") == "a" + mark + "b");
    CHECK(printable("\xc3") == mark);                                   // cut
    CHECK(printable("\xc0\x80") == mark + mark);                        // overlong
    CHECK(printable("\xed\xa0\x80") == mark + mark + mark);             // surrogate
    CHECK(printable("\xf4\x90\x80\x80") == mark + mark + mark + mark);  // beyond Unicode
}
