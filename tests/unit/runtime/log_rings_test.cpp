#include "shm_wrapper/runtime/log_rings.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <memory>

#include "tests/support/temporary_block.hpp"

using namespace runtime;
using namespace runtime::overview;
using Catch::Contains;

namespace {

using Ring = test::TemporaryBlock<LogBlock>;

const std::string dev_handler = log_block_name("dev_handler");
const std::string executor = log_block_name("executor");

void put(LogWriter& writer, const std::string& text) {
    writer.append(LogLevel::info, LogSource::daemon, text);
}

std::vector<std::string> texts(LogRings& rings) {
    std::vector<std::string> result;
    while (const auto line = rings.next())
        result.push_back(
            (line->line.lost_before == 0 ? "" : std::to_string(line->line.lost_before) + " lost, ") +
            line->line.text);
    return result;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the rings of several processes read as one log") {
    const Ring first(dev_handler);
    const Ring second(executor);
    LogWriter one(first.instance(), "dev_handler");
    LogWriter other(second.instance(), "executor");
    put(one, "1");
    put(other, "2");
    put(one, "3");
    LogRings rings(first.instance());
    CHECK(texts(rings) == Texts{"1", "2", "3"});
    put(other, "4");
    CHECK(texts(rings) == Texts{"4"});
    CHECK(rings.words().size() == 2);
}

TEST_CASE("what a killed process has logged can be read, and what it was writing counts as lost") {
    const Ring ring(dev_handler);
    const pid_t pid = fork();
    if (pid == 0) {
        LogWriter writer(ring.instance(), "dev_handler");
        put(writer, "before");
        put(writer, std::string(2 * LogRecord::text_size, 'x'));
        // As if it were killed before the last record of the line.
        auto& next = writer.block()->next;
        next.store(next.load() - 1);
        kill(getpid(), SIGKILL);
    }
    waitpid(pid, nullptr, 0);
    LogRings rings(ring.instance());
    CHECK(texts(rings) == Texts{"before"});
    LogWriter next_life(ring.instance(), "dev_handler");
    put(next_life, "after");
    CHECK(texts(rings) == Texts{"1 lost, after"});
}

TEST_CASE("lines that a process wrote over before they were read are counted") {
    const Ring ring(dev_handler);
    LogWriter writer(ring.instance(), "dev_handler");
    put(writer, "first");
    LogRings rings(ring.instance());
    CHECK(texts(rings) == Texts{"first"});
    constexpr std::size_t written = 2 * LogBlock::capacity;
    for (std::size_t i = 0; i < written; ++i)
        put(writer, "line");
    std::size_t lost = 0;
    std::size_t read = 0;
    while (const auto line = rings.next()) {
        lost += line->line.lost_before;
        ++read;
    }
    CHECK(lost >= LogBlock::capacity);
    CHECK(lost + read == written);
}

TEST_CASE("rings that are missing are named, and found once they are there") {
    const Ring first(dev_handler);
    LogRings rings(first.instance());
    CHECK(rings.faults().size() == 2);
    CHECK_THAT(rings.faults()[0], Contains("log-executor") && Contains("does not exist"));
    CHECK_FALSE(rings.refresh());
    const Ring second(executor);
    LogWriter writer(second.instance(), "executor");
    put(writer, "hello");
    CHECK(rings.refresh());
    CHECK(rings.faults().size() == 1);
    CHECK_FALSE(rings.refresh());
    CHECK(texts(rings) == Texts{"hello"});
}

TEST_CASE("a ring that is made anew goes on where the old one ended") {
    auto ring = std::make_unique<Ring>(dev_handler);
    std::optional<LogWriter> writer(std::in_place, ring->instance(), "dev_handler");
    LogRings rings(ring->instance());
    put(*writer, "old");
    writer.reset();
    ring.reset();
    ring = std::make_unique<Ring>(dev_handler);
    writer.emplace(ring->instance(), "dev_handler");
    put(*writer, "new");
    CHECK(rings.refresh());
    CHECK(texts(rings) == Texts{"old", "new"});
    CHECK(rings.words().size() == 1);
}
