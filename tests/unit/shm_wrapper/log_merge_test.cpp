#include "shm_wrapper/log_merge.hpp"

#include <catch2/catch.hpp>
#include <deque>

using namespace runtime;

namespace {

struct TwoLogs {
    std::deque<LogLine> first;
    std::deque<LogLine> second;
    LogMerge merge{
        {{"dev_handler", [this] { return pop(first); }}, {"executor", [this] { return pop(second); }}}};

    static std::optional<LogLine> pop(std::deque<LogLine>& lines) {
        if (lines.empty())
            return std::nullopt;
        LogLine line = lines.front();
        lines.pop_front();
        return line;
    }
    static LogLine line(Nanoseconds time, const std::string& text, std::uint64_t lost = 0) {
        return {time, 0, LogLevel::info, LogSource::daemon, lost, text};
    }
    std::string texts() {
        std::string result;
        while (const auto next = merge.next())
            result += next->process.substr(0, 1) + next->line.text + " ";
        return result;
    }
};

}  // namespace

TEST_CASE_METHOD(TwoLogs, "lines of several logs come out in the order of their times") {
    first = {line(1, "1"), line(4, "4"), line(5, "5")};
    second = {line(2, "2"), line(3, "3"), line(6, "6")};
    CHECK(texts() == "d1 e2 e3 d4 d5 e6 ");
}

TEST_CASE_METHOD(TwoLogs, "the order within a log is kept, also of equal times") {
    first = {line(1, "a"), line(1, "b")};
    second = {line(1, "c")};
    CHECK(texts() == "da db ec ");
}

TEST_CASE_METHOD(TwoLogs, "a log that ends or has nothing yet does not hold up the others, and may go on") {
    first = {line(5, "5")};
    CHECK(texts() == "d5 ");
    CHECK_FALSE(merge.next());
    second = {line(6, "6")};
    first = {line(7, "7")};
    CHECK(texts() == "e6 d7 ");
}

TEST_CASE_METHOD(TwoLogs, "what was lost stays with the line behind it") {
    first = {line(1, "1", 12)};
    second = {line(2, "2")};
    CHECK(merge.next()->line.lost_before == 12);
    CHECK(merge.next()->line.lost_before == 0);
}
