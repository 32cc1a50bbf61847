#include "shm_wrapper/terminal/row.hpp"

#include <catch2/catch.hpp>

using namespace runtime;

TEST_CASE("a frame empties every row before it writes it, and never ends a line at the bottom") {
    CHECK(frame_of({"one", "two"}) == "\x1B[H\x1B[2Kone\r\n\x1B[2Ktwo");
    CHECK(frame_of(std::vector<std::string>{}) == "\x1B[H");
}

TEST_CASE("a text takes as many rows as it needs, and one when it is empty") {
    CHECK(wrapped_rows("", 5) == std::vector<std::string>{""});
    CHECK(wrapped_rows("aäoöu", 5) == std::vector<std::string>{"aäoöu"});
    CHECK(wrapped_rows("aäoöuü", 5) == std::vector<std::string>{"aäoöu", "  ü"});
    CHECK(wrapped_rows("ab", 1, style::red) ==
          std::vector<std::string>{"\x1B[31ma\x1B[0m", "\x1B[31mb\x1B[0m"});
}

TEST_CASE("a text is broken between words, and what follows is indented") {
    using Rows = std::vector<std::string>;
    CHECK(wrapped_rows("one two three", 8) == Rows{"one two", "  three"});
    CHECK(wrapped_rows("one two", 7) == Rows{"one two"});
    CHECK(wrapped_rows("  a=1 b=2 c=3", 8) == Rows{"  a=1", "    b=2", "    c=3"});
    CHECK(wrapped_rows("one   two", 4) == Rows{"one ", "  tw", "  o"});
    CHECK(wrapped_rows("      deep", 7) == Rows{"      d", "eep"});
    CHECK(wrapped_rows("   ", 2) == Rows{"  "});
    CHECK(wrapped_rows("one ", 3) == Rows{"one"});
}

TEST_CASE("nothing in a row commands the terminal or moves the cursor") {
    CHECK(in_a_row("a\tb\x1B[2J\xFF\n") == "a b?[2J\uFFFD?");
}
