#include "executor/output_lines.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace runtime;
using runtime::executor::OutputLines;

namespace {

struct Collected {
    std::vector<std::string> lines;
    OutputLines output{[this](std::string_view line) { lines.emplace_back(line); }};
};

}  // namespace

TEST_CASE("output arrives in pieces and leaves in lines") {
    Collected it;
    it.output.feed("one\ntw", 1);
    it.output.feed("o\r\n\nthree", 2);
    CHECK(it.lines == std::vector<std::string>{"one", "two", ""});
    it.output.finish();
    CHECK(it.lines.back() == "three");
}

TEST_CASE("output without an end of line is shown once nothing has followed for a while") {
    Collected it;
    it.output.feed("> ", 1);
    it.output.time_passed(1 + OutputLines::patience - 1);
    CHECK(it.lines.empty());
    CHECK(it.output.waiting());
    it.output.time_passed(1 + OutputLines::patience);
    CHECK(it.lines == std::vector<std::string>{"> "});
    CHECK_FALSE(it.output.waiting());
}

TEST_CASE("a line without end takes bounded memory") {
    Collected it;
    const std::string part(100'000, 'x');
    for (int i = 0; i < 100; ++i)
        it.output.feed(part, 1);
    it.output.feed("\nnext\n", 1);
    REQUIRE(it.lines.size() == 2);
    CHECK(it.lines[0].size() == OutputLines::max_line);
    CHECK(it.lines[1] == "next");
}

TEST_CASE("what is over the budget is dropped, and the count stands in its place") {
    Collected it;
    for (int i = 0; i < OutputLines::burst + 300; ++i)
        it.output.feed("line " + std::to_string(i) + "\n", 1);
    CHECK(it.lines.size() == OutputLines::burst);
    it.output.feed("after\n", second);
    REQUIRE(it.lines.size() == OutputLines::burst + 2);
    CHECK(it.lines[OutputLines::burst].starts_with("... 300 lines dropped"));
    CHECK(it.lines.back() == "after");
}

TEST_CASE("a program that prints all the time gets a count for each batch of lines, not for each line") {
    Collected it;
    for (int i = 0; i < 10'000; ++i)
        for (int j = 0; j < 10; ++j)
            it.output.feed("x\n", millisecond * (i + 1));
    std::size_t counts = 0;
    for (const auto& line : it.lines)
        counts += line.starts_with("...") ? 1U : 0U;
    CHECK(it.lines.size() < OutputLines::burst + 10 * OutputLines::lines_per_second + counts + 1);
    CHECK(counts <= 10 * OutputLines::lines_per_second / OutputLines::resume_at + 1);
    CHECK(counts > 10);
}
