#include "shm_wrapper/process/logging.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "shm_wrapper/process/stderr_writer.hpp"

using runtime::printable;

TEST_CASE("printable keeps text, tabs and other languages") {
    CHECK(printable("velocity_a = 0.5\tok") == "velocity_a = 0.5\tok");
    CHECK(printable("Zoë → 漢字 🤖") == "Zoë → 漢字 🤖");
    CHECK(printable("20\u00A0°") == "20\u00A0°");
    CHECK(printable("").empty());
}

TEST_CASE("printable replaces control characters") {
    CHECK(printable(std::string("a\0b\x1b[31m\r\n\x7f", 11)) == "a?b?[31m???");
    CHECK(printable("\u009B31m\u0080\u0085") == "?31m??");
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

TEST_CASE("a line for stderr is dropped and counted where nobody reads, and never waited for") {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    const int saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    std::string read_text;
    {
        runtime::StderrWriter writer;
        for (int i = 0; i < 10'000; ++i)
            writer.write("a line that fills the pipe, which nobody reads\n");
        std::array<char, 65536> buffer;
        for (ssize_t n = 0; (n = read(ends[0], buffer.data(), buffer.size())) > 0;)
            read_text.append(buffer.data(), static_cast<std::size_t>(n));
        writer.write("the last line\n");
        for (ssize_t n = 0; (n = read(ends[0], buffer.data(), buffer.size())) > 0;)
            read_text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[0]);
    CHECK(read_text.find(" lines dropped: nobody read them\nthe last line\n") != std::string::npos);
    CHECK(read_text.substr(0, 6) == "a line");
}
