#include "shm_wrapper/log_ring.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <thread>

#include "tests/support/temporary_block.hpp"

using namespace runtime;

namespace {

constexpr std::string_view process_name = "dev_handler";

struct Fixture {
    test::TemporaryBlock<LogBlock> block{log_block_name(process_name)};
    std::optional<LogWriter> writer{std::in_place, block.instance(), process_name};
    LogReader reader{block.instance(), process_name, LogReader::From::oldest};

    void put(const std::string& text) { writer->append(LogLevel::info, LogSource::daemon, text); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "lines come out whole, in order, with level and source") {
    CHECK_FALSE(reader.next());
    writer->append(LogLevel::warning, LogSource::student, "one");
    writer->append(LogLevel::info, LogSource::device, "");
    const auto first = reader.next();
    REQUIRE(first);
    CHECK(first->text == "one");
    CHECK(first->level == LogLevel::warning);
    CHECK(first->source == LogSource::student);
    CHECK(first->time > 0);
    CHECK(first->wall_time > 0);
    const auto second = reader.next();
    REQUIRE(second);
    CHECK(second->text.empty());
    CHECK(second->source == LogSource::device);
    CHECK_FALSE(reader.next());
}

TEST_CASE_METHOD(Fixture, "a line may span records, and lengths around the boundaries survive") {
    for (const std::size_t length : {LogRecord::text_size - 1, LogRecord::text_size, LogRecord::text_size + 1,
                                     3 * LogRecord::text_size, max_log_line}) {
        const std::string text(length, 'x');
        put(text);
        const auto line = reader.next();
        REQUIRE(line);
        CHECK(line->text == text);
    }
}

TEST_CASE_METHOD(Fixture, "a line beyond the limit is cut and says so") {
    put(std::string(max_log_line + 1, 'x'));
    const auto line = reader.next();
    REQUIRE(line);
    CHECK(line->text.size() <= max_log_line);
    CHECK_THAT(line->text, Catch::EndsWith("… (cut)"));
    put("next");
    CHECK(reader.next()->text == "next");
}

TEST_CASE_METHOD(Fixture,
                 "a reader that falls behind is told how many lines it lost, and none is lost silently") {
    constexpr int written = 3 * static_cast<int>(LogBlock::capacity) + 17;
    for (int i = 0; i < written; ++i)
        put(std::to_string(i));
    std::uint64_t lost = 0;
    int received = 0;
    int expected_last = -1;
    while (const auto line = reader.next()) {
        lost += line->lost_before;
        ++received;
        expected_last = std::stoi(line->text);
    }
    CHECK(expected_last == written - 1);
    CHECK(lost + static_cast<std::uint64_t>(received) == static_cast<std::uint64_t>(written));
    CHECK(lost > 0);
}

TEST_CASE_METHOD(Fixture, "a reader that starts at the newest sees only what comes") {
    put("before");
    LogReader newest(block.instance(), process_name, LogReader::From::newest);
    CHECK_FALSE(newest.next());
    put("after");
    CHECK(newest.next()->text == "after");
}

TEST_CASE_METHOD(Fixture, "a reader that starts at the oldest sees what the ring still holds") {
    for (std::size_t i = 0; i < LogBlock::capacity + 10; ++i)
        put(std::to_string(i));
    LogReader oldest(block.instance(), process_name, LogReader::From::oldest);
    CHECK(oldest.next()->text == "10");
}

TEST_CASE_METHOD(Fixture, "the next writer goes on where the last one ended") {
    put("first life");
    writer.reset();
    writer.emplace(block.instance(), process_name);
    put("second life");
    CHECK(reader.next()->text == "first life");
    const auto second = reader.next();
    REQUIRE(second);
    CHECK(second->text == "second life");
    CHECK(second->lost_before == 0);
}

TEST_CASE_METHOD(Fixture, "a reader against a writer at full speed gets whole lines in order, or is told") {
    constexpr std::uint64_t written = 60'000;
    std::thread other([&] {
        for (std::uint64_t i = 0; i < written; ++i)
            put(std::to_string(i) + std::string(i % 500, static_cast<char>('a' + i % 26)));
    });
    std::uint64_t next = 0;
    std::uint64_t lost = 0;
    std::uint64_t received = 0;
    bool whole = true;
    while (next < written) {
        const std::uint32_t seen = reader.word().load(std::memory_order_acquire);
        const auto line = reader.next();
        if (!line) {
            futex::wait(reader.word(), seen, now() + second);
            continue;
        }
        const std::uint64_t number = std::stoull(line->text);
        whole = whole && number >= next && (line->lost_before > 0) == (number > next);
        whole = whole && line->text == std::to_string(number) +
                                           std::string(number % 500, static_cast<char>('a' + number % 26));
        lost += line->lost_before;
        ++received;
        next = number + 1;
    }
    other.join();
    CHECK(whole);
    CHECK(lost + received == written);
}
