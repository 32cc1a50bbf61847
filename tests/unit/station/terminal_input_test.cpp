#include "net_handler/station/terminal_input.hpp"
#include "tests/unit/start.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using namespace runtime::station;
using runtime::test::start;

namespace {

using Kind = Wish::Kind;

std::vector<Wish> wishes(std::string_view bytes) {
    return TerminalInput().receive(bytes, start);
}

}  // namespace

TEST_CASE("letters, digits and signs are keys, in upper case too") {
    CHECK(wishes("wA0]") ==
          std::vector<Wish>{{Kind::press, 22}, {Kind::press, 0}, {Kind::press, 35}, {Kind::press, 42}});
    CHECK(wishes("!\t\r\x7F\x01").empty());
    CHECK(wishes("\xC3\xA4\xFF").empty());
}

TEST_CASE("arrows are keys in both cursor modes") {
    for (const std::string prefix : {"\x1B[", "\x1BO"}) {
        CHECK(wishes(prefix + "D") == std::vector<Wish>{{Kind::press, 43}});
        CHECK(wishes(prefix + "C") == std::vector<Wish>{{Kind::press, 44}});
        CHECK(wishes(prefix + "A") == std::vector<Wish>{{Kind::press, 45}});
        CHECK(wishes(prefix + "B") == std::vector<Wish>{{Kind::press, 46}});
    }
}

TEST_CASE("function keys start and stop, as xterm, a VT220 and the Linux console send them") {
    for (const std::string f2 : {"\x1BOQ", "\x1B[12~", "\x1B[[B"})
        CHECK(wishes(f2) == std::vector<Wish>{{Kind::autonomous}});
    for (const std::string f3 : {"\x1BOR", "\x1B[13~", "\x1B[[C"})
        CHECK(wishes(f3) == std::vector<Wish>{{Kind::teleop}});
    for (const std::string f4 : {"\x1BOS", "\x1B[14~", "\x1B[[D", "\x1B[1;2S"})
        CHECK(wishes(f4) == std::vector<Wish>{{Kind::stop}});
    CHECK(wishes("\x1B[5~\x1B[6~") == std::vector<Wish>{{Kind::up}, {Kind::down}});
}

TEST_CASE("other sequences do nothing, whatever letters they hold") {
    for (const std::string other : {"\x1BOP", "\x1B[15~", "\x1B[1;5R", "\x1B[24;80R", "\x1B[1;2Q", "\x1B[3~",
                                    "\x1B[200~", "\x1Bw", "\x1B[?62;1;6c", "\x1B[[A", "\x1B[<0;12;7M"})
        CHECK(wishes(other).empty());
}

TEST_CASE("a sequence may be cut anywhere") {
    for (const std::string sequence : {"\x1BOR", "\x1B[13~", "\x1B[[C"}) {
        TerminalInput input;
        std::vector<Wish> all;
        Nanoseconds time = start;
        for (const char byte : sequence)
            for (const Wish& wish : input.receive(std::string_view(&byte, 1), time += 90 * millisecond))
                all.push_back(wish);
        CHECK(all == std::vector<Wish>{{Kind::teleop}});
    }
}

TEST_CASE("the Escape key alone does nothing, also to the key that follows it") {
    TerminalInput input;
    CHECK(input.receive("\x1B", start).empty());
    CHECK(input.receive("o", start + sequence_limit + 1) == std::vector<Wish>{{Kind::press, 14}});
}

TEST_CASE("space stops and Ctrl-C quits wherever they stand") {
    for (const std::string before : {"", "w", "\x1B", "\x1B[", "\x1BO", "\x1B[1;", "\x1B[[", "\xC3",
                                     "\x1B[1111111111111111111111111111111111"}) {
        CHECK(wishes(before + " ").back() == Wish{Kind::stop});
        CHECK(wishes(before + "\x03").back() == Wish{Kind::quit});
        CHECK(wishes(before + "\x04").back() == Wish{Kind::quit});
    }
    CHECK(wishes(" w") == std::vector<Wish>{{Kind::stop}, {Kind::press, 22}});
}

TEST_CASE("a sequence longer than any key's is swallowed to its end") {
    CHECK(wishes("\x1B[" + std::string(1000, '1') + "~w") == std::vector<Wish>{{Kind::press, 22}});
}
