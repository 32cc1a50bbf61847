#include "dev_handler/link_log.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <sstream>

#include "tests/unit/dev_handler/test_types.hpp"
#include "tests/unit/start.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
using runtime::test::start;

namespace {

/// What is said at info and above, from one take to the next.
struct Said {
    std::ostringstream text;
    std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
    LinkLog log{"/dev/ttyACM0", test::field_types()};

    Said() {
        auto logger =
            std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_st>(text));
        logger->set_pattern("%l %v");
        spdlog::set_default_logger(logger);
    }
    ~Said() { spdlog::set_default_logger(before); }
    Said(const Said&) = delete;
    Said& operator=(const Said&) = delete;

    std::string take() {
        std::string said = text.str();
        text.str("");
        return said;
    }
};

std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE_METHOD(Said, "A port that is not permitted is told once it has lasted for 2 s, and once") {
    for (Nanoseconds time = 0; time < 2 * second; time += second / 10) {
        log.open_failed(EACCES, start + time);
        REQUIRE(take().empty());
    }
    log.open_failed(EACCES, start + 2 * second);
    CHECK(take() ==
          "warning cannot open /dev/ttyACM0: Permission denied; add the user to the group dialout; trying "
          "again\n");
    log.open_failed(EACCES, start + 3 * second);
    CHECK(take().empty());
    log.open_failed(EBUSY, start + 4 * second);
    CHECK(
        take() ==
        "warning cannot open /dev/ttyACM0: Device or resource busy; another program uses it; trying again\n");
}

TEST_CASE_METHOD(Said, "A port that vanishes while it is opened is not worth a line") {
    for (const int error : {ENOENT, ENXIO, ENODEV, EIO})
        log.open_failed(error, start);
    CHECK(take().empty());
}

TEST_CASE_METHOD(Said, "Who does not answer is told once, and again when a device was there meanwhile") {
    log.unanswered({});
    CHECK(take() == "warning nothing answers on /dev/ttyACM0; trying again, ever less often\n");
    log.unanswered({});
    CHECK(take().empty());
    log.new_device();
    log.unanswered({});
    CHECK(lines(take()) == 1);
    log.connected({test::koala_bear, 1, 7}, 3, {});
    CHECK(take() == "info 6_7 (KoalaBear) is connected on /dev/ttyACM0, slot 3\n");
    log.unanswered({});
    CHECK(lines(take()) == 1);
}

TEST_CASE_METHOD(Said, "A foreign device is named with what it sends") {
    Connection::Unidentified gps{26, 0, {'$', 'G', 'P', 'G', 'G', 'A', ',', '\x01'}};
    log.unanswered({});  // that it was silent at first does not keep it from being named
    (void)take();
    log.unanswered(gps);
    CHECK_THAT(take(),
               Catch::Contains("/dev/ttyACM0 is not a device of this robot: it sends 26 bytes that are "
                               "no frames, beginning with \"$GPGGA,?"));
}

TEST_CASE_METHOD(Said, "Bad input is told at most once a second, with what has come since") {
    log.connected({test::koala_bear, 1, 7}, 3, {});
    (void)take();
    LinkStatistics statistics{};
    int told = 0;
    for (Nanoseconds time = start; time < start + 10 * second; time += 10 * millisecond) {
        ++statistics.bad_checksums;
        statistics.last_error = time;
        log.errors(statistics, time);
        const std::string said = take();
        told += said.empty() ? 0 : 1;
        if (told > 1 && !said.empty())
            CHECK(said ==
                  "warning bad input from 6_7 (KoalaBear) on /dev/ttyACM0: 100 bad checksums, 0 bad frames, "
                  "0 bad messages, 0 resyncs\n");
    }
    CHECK(told == 10);
    log.errors(statistics, start + 20 * second);
    CHECK(lines(take()) == 1);  // the rest
    log.errors(statistics, start + 30 * second);
    CHECK(take().empty());
}

TEST_CASE_METHOD(Said,
                 "Of the texts of a device 50 a second are kept, and the number of the others is told") {
    log.connected({test::koala_bear, 1, 7}, 3, {});
    (void)take();
    for (int i = 0; i < 1000; ++i)
        log.text("hello", start);
    CHECK(take().empty());
    log.texts_lost(start + second - 1);
    CHECK(take().empty());
    log.texts_lost(start + second);  // also if it says no more
    CHECK(take() == "warning 6_7 (KoalaBear) sends too many LOG texts: 950 lines lost\n");
}

TEST_CASE_METHOD(Said, "Commands that a device can never take are told at most once a second") {
    log.connected({test::koala_bear, 1, 7}, 3, {});
    (void)take();
    for (Nanoseconds time = start; time < start + second; time += millisecond)
        log.refused(1U, "of a reason", time);
    CHECK(take() == "warning ignored a command to velocity_a of 6_7 (KoalaBear) because of a reason\n");
    log.refused(1U, "of a reason", start + second);
    CHECK(lines(take()) == 1);
}
