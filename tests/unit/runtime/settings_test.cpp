#include "shm_wrapper/runtime/settings.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace runtime;
using namespace runtime::overview;

namespace {

struct Parsed {
    Settings settings;
    std::optional<int> status;
    std::string printed;
    ProgramOptions options{"runtime", "a test"};

    explicit Parsed(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "runtime");
        add_options(options, settings);
        std::ostringstream out;
        auto* const before = std::cerr.rdbuf(out.rdbuf());
        status = options.parse(static_cast<int>(arguments.size()), arguments.data());
        std::cerr.rdbuf(before);
        printed = out.str();
    }
};

}  // namespace

TEST_CASE("the orders for a log are taken from the command line") {
    const Parsed parsed({"logs", "-f", "--json", "--level", "warning", "--since", "1.5"});
    REQUIRE_FALSE(parsed.status);
    CHECK_NOTHROW(check(parsed.options, parsed.settings));
    const LogOrders orders = log_orders_of(parsed.settings, 10 * second);
    CHECK(orders.follow);
    CHECK(orders.json);
    CHECK(orders.filter.level == LogLevel::warning);
    CHECK(orders.filter.since == 8'500 * millisecond);
}

TEST_CASE("without options all of a log is wanted") {
    const Parsed parsed({"logs"});
    const LogOrders orders = log_orders_of(parsed.settings, 10 * second);
    CHECK_FALSE(orders.follow);
    CHECK(orders.filter.level == LogLevel::debug);
    CHECK(orders.filter.since == 0);
}

TEST_CASE("values that make no sense are refused in one line") {
    const auto arguments = GENERATE(values<std::vector<const char*>>({{"logs", "--level", "loud"},
                                                                      {"logs", "--since", "-1"},
                                                                      {"logs", "--since", "nan"},
                                                                      {"logs", "--since", "soon"},
                                                                      {"log"},
                                                                      {"logs", "--jsn"}}));
    const Parsed parsed(arguments);
    CHECK(parsed.status == 2);
    CHECK(parsed.printed.find('\n') == parsed.printed.size() - 1);
}

TEST_CASE("options that do not go with the command are refused") {
    const auto arguments = GENERATE(values<std::vector<const char*>>(
        {{"status", "-f"}, {"devices", "--level", "info"}, {"watch", "--since", "1"}, {"watch", "--json"}}));
    const Parsed parsed(arguments);
    REQUIRE_FALSE(parsed.status);
    CHECK_THROWS_AS(check(parsed.options, parsed.settings), std::invalid_argument);
}

TEST_CASE("the configuration file may hold options that the command does not know") {
    const std::string file =
        std::filesystem::temp_directory_path() / ("settings-" + std::to_string(getpid()) + ".conf");
    std::ofstream(file) << "[runtime]\nlevel = warning\nsince = 60\nfollow = true\njson = true\n";
    for (const char* command : {"status", "devices", "watch", "logs"}) {
        CAPTURE(command);
        const Parsed parsed({command, "--config", file.c_str()});
        CHECK_FALSE(parsed.status);
        CHECK(parsed.settings.level == "warning");
        CHECK_NOTHROW(check(parsed.options, parsed.settings));
    }
    std::filesystem::remove(file);
}
