#include "shm_wrapper/runtime/watch_screen.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/runtime/sample.hpp"

using namespace runtime;
using namespace runtime::overview;
using namespace runtime::test;
using Catch::Contains;

namespace {

/// Without the colours.
std::string bare(const std::string& row) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i)
        if (row[i] == '\x1B')
            i = row.find('m', i);
        else
            text += row[i];
    return text;
}

std::string joined(const std::vector<std::string>& rows) {
    std::string text;
    for (const auto& row : rows)
        text += bare(row) + '\n';
    return text;
}

}  // namespace

TEST_CASE("the screen shows the head and the report") {
    std::size_t first_row = 0;
    const auto rows = watch_rows(sample_robot(), {60, 200}, first_row);
    CHECK(rows.size() == 60);
    CHECK_THAT(bare(rows[0]), Contains("runtime watch") && Contains("q quits"));
    CHECK_THAT(joined(rows), Contains("robot one: in order") && Contains("dev_handler alive") &&
                                 Contains("velocity_a=-0.5") && Contains("it broke"));
}

TEST_CASE("a screen of any size is full and nowhere too wide") {
    Snapshot robot = sample_robot();
    keep_problem(robot.problems, sample_line(LogLevel::error, std::string(500, 'x') + "día\x1B[2J\t"));
    for (const std::size_t rows : {0U, 1U, 2U, 24U})
        for (const std::size_t columns : {0U, 1U, 7U, 80U, 300U}) {
            std::size_t first_row = 1000;
            const auto screen = watch_rows(robot, {rows, columns}, first_row);
            CHECK(screen.size() == (columns == 0 ? 0 : rows));
            for (const auto& row : screen) {
                CHECK(characters(bare(row)) <= columns);
                CHECK(bare(row).find_first_of("\x1B\t\n") == std::string::npos);
            }
        }
}

TEST_CASE("the report scrolls as far as its end") {
    std::size_t first_row = 0;
    const auto top = joined(watch_rows(sample_robot(), {10, 200}, first_row));
    CHECK_THAT(top, Contains("robot one"));
    first_row = 3;
    CHECK_THAT(joined(watch_rows(sample_robot(), {10, 200}, first_row)), !Contains("robot one"));
    first_row = 1000;
    const auto bottom = joined(watch_rows(sample_robot(), {10, 200}, first_row));
    CHECK(first_row < 1000);
    CHECK_THAT(bottom, Contains("  robot           whole"));
    first_row = 1000;
    watch_rows(sample_robot(), {100, 200}, first_row);
    CHECK(first_row == 0);
}

TEST_CASE("keys are wishes") {
    for (const char* quit : {"q", "Q", "\x03", "\x04", "xq", "\x1B[Bq"})
        CHECK(wish_from(quit).quit);
    CHECK_FALSE(wish_from("\x1B[A").quit);
    CHECK(wish_from("\x1B[A").rows == -1);
    CHECK(wish_from("\x1BOB\x1B[B").rows == 2);
    CHECK(wish_from("\x1B[6~").rows == 10);
    CHECK(wish_from("\x1B[5~\x1B[A").rows == -11);
    CHECK(wish_from("\x1B[").rows == 0);
    CHECK(wish_from("").rows == 0);
}
