#include "shm_wrapper/runtime/log_filter.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using namespace runtime::overview;

TEST_CASE("a filter wants lines that are grave and young enough") {
    const LogFilter filter{LogLevel::warning, 10};
    const auto line = [](LogLevel level, Nanoseconds time) {
        return LogLine{time, 0, level, LogSource::daemon, 0, {}};
    };
    CHECK(filter.wants(line(LogLevel::warning, 10)));
    CHECK(filter.wants(line(LogLevel::error, 11)));
    CHECK_FALSE(filter.wants(line(LogLevel::info, 11)));
    CHECK_FALSE(filter.wants(line(LogLevel::error, 9)));
}
