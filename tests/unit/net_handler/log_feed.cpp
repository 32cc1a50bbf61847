#include "net_handler/protocol/log_feed.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <string>

#include "net_handler/protocol/packet.hpp"
#include "proto/text.pb.h"

using namespace runtime;
using namespace runtime::net;

namespace {

LogLine line(Nanoseconds time, std::string text, LogSource source = LogSource::student,
             LogLevel level = LogLevel::info) {
    LogLine result;
    result.time = time;
    result.level = level;
    result.source = source;
    result.text = std::move(text);
    return result;
}

/// A process whose lines a test writes by hand.
class Ring {
  public:
    void write(LogLine written) { lines_->push_back(std::move(written)); }
    LogMerge::Source source(std::string process) const {
        return {std::move(process), [lines = lines_]() -> std::optional<LogLine> {
                    if (lines->empty())
                        return std::nullopt;
                    auto first = std::move(lines->front());
                    lines->pop_front();
                    return first;
                }};
    }
    std::size_t left() const { return lines_->size(); }

  private:
    std::shared_ptr<std::deque<LogLine>> lines_ = std::make_shared<std::deque<LogLine>>();
};

std::vector<std::string> lines_of_packet(LogFeed& feed) {
    std::array<std::uint8_t, max_text_packet> out{};
    const std::size_t size = feed.write_packet(out).size;
    if (size == 0)
        return {};
    CHECK(out[0] == 2);
    CHECK(size == header_size + (out[1] | static_cast<std::size_t>(out[2]) << 8));
    Text text;
    REQUIRE(text.ParseFromArray(out.data() + header_size, static_cast<int>(size - header_size)));
    return {text.payload().begin(), text.payload().end()};
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a daemon's lines carry its name and their weight, students' and devices' are as they are") {
    CHECK(shown_line("executor", line(0, "hello")) == "hello");
    CHECK(shown_line("executor", line(0, "boom", LogSource::student, LogLevel::error)) == "boom");
    CHECK(shown_line("dev_handler", line(0, "PDB 7_1: low", LogSource::device)) == "PDB 7_1: low");
    CHECK(shown_line("dev_handler", line(0, "up", LogSource::daemon)) == "[dev_handler] up");
    CHECK(shown_line("executor", line(0, "slow", LogSource::daemon, LogLevel::warning)) ==
          "[executor] WARNING: slow");
    CHECK(shown_line("executor", line(0, "bad", LogSource::daemon, LogLevel::error)) ==
          "[executor] ERROR: bad");
}

TEST_CASE("a line of student code that looks like one of a daemon is shown set off") {
    CHECK(shown_line("executor", line(0, "[net_handler] IDLE, set by the")) ==
          " [net_handler] IDLE, set by the");
    CHECK(shown_line("executor", line(0, "[1, 2]")) == "[1, 2]");
}

TEST_CASE("a line is always UTF-8 without control characters") {
    CHECK(shown_line("x", line(0, "a\xFF\x01z")) == "a\uFFFD?z");
}

TEST_CASE("the lines of several processes come in the order of their times") {
    Ring first;
    Ring second;
    LogFeed feed({first.source("a"), second.source("b")});
    CHECK(lines_of_packet(feed).empty());
    first.write(line(10, "1"));
    first.write(line(30, "3"));
    second.write(line(20, "2"));
    second.write(line(40, "4"));
    CHECK(lines_of_packet(feed) == Lines{"1", "2", "3", "4"});
    CHECK(lines_of_packet(feed).empty());
    second.write(line(50, "5"));
    CHECK(lines_of_packet(feed) == Lines{"5"});
}

TEST_CASE("what is below INFO is not shown") {
    Ring ring;
    LogFeed feed({ring.source("a")});
    ring.write(line(1, "detail", LogSource::daemon, LogLevel::debug));
    CHECK(lines_of_packet(feed).empty());
    ring.write(line(2, "detail", LogSource::daemon, LogLevel::debug));
    ring.write(line(3, "shown"));
    CHECK(lines_of_packet(feed) == Lines{"shown"});
}

TEST_CASE("lost lines are counted in their place") {
    Ring ring;
    LogFeed feed({ring.source("a")});
    ring.write(line(1, "before"));
    auto after = line(2, "after");
    after.lost_before = 17;
    ring.write(after);
    auto last = line(3, "last");
    last.lost_before = 1;
    ring.write(last);
    CHECK(lines_of_packet(feed) == Lines{"before", "… 17 lines lost", "after", "… 1 line lost", "last"});
}

TEST_CASE("a packet is bounded, and what does not fit comes in the next, in order") {
    Ring ring;
    LogFeed feed({ring.source("a")});
    for (int i = 0; i < 100; ++i)
        ring.write(line(i, std::to_string(i) + std::string(1000, 'x')));
    int next = 0;
    int packets = 0;
    for (auto lines = lines_of_packet(feed); !lines.empty(); lines = lines_of_packet(feed), ++packets)
        for (const auto& received : lines)
            CHECK(received.substr(0, received.find('x')) == std::to_string(next++));
    CHECK(next == 100);
    CHECK(packets > 5);
}

TEST_CASE("the longest line of nothing but broken bytes fits") {
    Ring ring;
    LogFeed feed({ring.source("dev_handler")});
    ring.write(line(1, std::string(max_log_line + 2 * LogRecord::text_size, '\xFF'), LogSource::daemon,
                    LogLevel::warning));
    CHECK(lines_of_packet(feed).size() == 1);
}

TEST_CASE("of the past, a driver station is told the newest 500 lines and how many were before") {
    Ring ring;
    LogFeed feed({ring.source("a")});
    for (int i = 0; i < 700; ++i)
        ring.write(line(i, std::to_string(i)));
    feed.start();
    const auto lines = lines_of_packet(feed);
    REQUIRE(lines.size() == 501);
    CHECK(lines.front() == "… 200 lines lost");
    CHECK(lines[1] == "200");
    CHECK(lines.back() == "699");
}

TEST_CASE("lines that a ring has lost count among those of the past that are not told") {
    Ring ring;
    LogFeed feed({ring.source("a")});
    for (int i = 0; i < 600; ++i) {
        auto written = line(i, std::to_string(i));
        written.lost_before = i == 0 ? 3000 : 0;
        ring.write(written);
    }
    feed.start();
    const auto lines = lines_of_packet(feed);
    REQUIRE(lines.size() == 501);
    CHECK(lines.front() == "… 3100 lines lost");
    CHECK(lines[1] == "100");
}

TEST_CASE("lines that have not arrived are noted where they stood, with those that they told of") {
    Ring ring;
    LogFeed feed({ring.source("a")});
    auto first = line(1, "1");
    first.lost_before = 17;
    ring.write(first);
    ring.write(line(2, "2"));
    feed.tell(LogFeed::Topic::mode, 3, LogLevel::info, "IDLE (run 1)");
    std::array<std::uint8_t, max_text_packet> out{};
    const TextPacket packet = feed.write_packet(out);
    CHECK(packet.lines == 19);
    CHECK_FALSE(packet.more);
    ring.write(line(4, "3"));
    feed.lost(packet.lines);
    feed.lost(0);
    feed.start();
    CHECK(lines_of_packet(feed) == Lines{"… 19 lines lost", "3"});
}

TEST_CASE("a packet says when there is more to look at, also if that shows nothing yet") {
    Ring first;
    Ring second;
    LogFeed feed({first.source("a"), second.source("b")});
    for (int i = 0; i < 1500; ++i) {
        first.write(line(i, "detail", LogSource::daemon, LogLevel::debug));
        second.write(line(i, "detail", LogSource::daemon, LogLevel::debug));
    }
    first.write(line(2000, "shown"));
    std::array<std::uint8_t, max_text_packet> out{};
    TextPacket packet = feed.write_packet(out);
    CHECK(packet.size == 0);
    CHECK(packet.more);
    packet = feed.write_packet(out);
    CHECK(packet.lines == 1);
    CHECK_FALSE(packet.more);
}

TEST_CASE("a writer that never stops does not keep the feed") {
    Nanoseconds time = 0;
    LogFeed feed({{"a", [&time]() -> std::optional<LogLine> {
                       ++time;
                       return line(time, "noise", LogSource::daemon,
                                   time % 2 == 0 ? LogLevel::debug : LogLevel::info);
                   }}});
    feed.start();
    CHECK_FALSE(lines_of_packet(feed).empty());
    LogFeed quiet({{"a", [&time]() -> std::optional<LogLine> {
                        return line(++time, "noise", LogSource::daemon, LogLevel::debug);
                    }}});
    quiet.start();
    CHECK(lines_of_packet(quiet).empty());
}

TEST_CASE("what is told comes in its place among the lines, once, whatever the log holds of it") {
    Ring ring;
    LogFeed feed({ring.source("net_handler")});
    ring.write(line(10, "before", LogSource::daemon));
    ring.write(line(20, "TELEOP, set by the driver station (run 7)", LogSource::daemon));
    ring.write(line(30, "after", LogSource::daemon));
    feed.tell(LogFeed::Topic::mode, 20, LogLevel::info, "TELEOP, set by the driver station (run 7)");
    CHECK(lines_of_packet(feed) == Lines{"[net_handler] before",
                                         "[net_handler] TELEOP, set by the driver station (run 7)",
                                         "[net_handler] after"});
    feed.tell(LogFeed::Topic::mode, 40, LogLevel::info, "IDLE (run 7)");
    CHECK(lines_of_packet(feed) == Lines{"[net_handler] IDLE (run 7)"});
    CHECK(lines_of_packet(feed).empty());
}

TEST_CASE("of what is told about one topic only the newest goes out") {
    LogFeed feed({});
    feed.tell(LogFeed::Topic::mode, 1, LogLevel::info, "AUTO (run 1)");
    feed.tell(LogFeed::Topic::mode_refused, 2, LogLevel::warning, "no");
    feed.tell(LogFeed::Topic::mode, 3, LogLevel::info, "IDLE (run 1)");
    CHECK(lines_of_packet(feed) == Lines{"[net_handler] IDLE (run 1)", "[net_handler] WARNING: no"});
}

TEST_CASE("what is told overtakes lines that have no room in the packet") {
    Ring ring;
    LogFeed feed({ring.source("executor")});
    for (int i = 0; i < 100; ++i)
        ring.write(line(i, std::to_string(i) + std::string(1000, 'x')));
    feed.tell(LogFeed::Topic::mode, 1000, LogLevel::info, "IDLE (run 7)");
    const auto lines = lines_of_packet(feed);
    REQUIRE(lines.size() > 2);
    CHECK(lines.back() == "[net_handler] IDLE (run 7)");
    CHECK(lines.size() < 20);
}

TEST_CASE("a driver station that connects is told the modes of the past, and no refusals") {
    Ring ring;
    LogFeed feed({ring.source("net_handler")});
    ring.write(line(1, "AUTO, set by the field control (run 3)", LogSource::daemon));
    ring.write(
        line(2, "the driver station cannot start AUTO while field control is connected; it can always stop",
             LogSource::daemon, LogLevel::warning));
    feed.tell(LogFeed::Topic::mode_refused, 3, LogLevel::warning, "of the driver station before");
    feed.start();
    feed.tell(LogFeed::Topic::mode, 4, LogLevel::info, "IDLE (run 3)");
    CHECK(lines_of_packet(feed) ==
          Lines{"[net_handler] AUTO, set by the field control (run 3)", "[net_handler] IDLE (run 3)"});
}
