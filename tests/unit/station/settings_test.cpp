#include "net_handler/station/settings.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using namespace runtime::station;

namespace {

/// What the command line says, or the exit status of a wrong one.
struct Parsed {
    Settings settings;
    std::optional<int> status;
};

Parsed parse(std::vector<const char*> arguments) {
    Parsed parsed;
    ProgramOptions options("station", "");
    add_options(options, parsed.settings);
    arguments.insert(arguments.begin(), "station");
    parsed.status = options.parse(static_cast<int>(arguments.size()), arguments.data());
    return parsed;
}

Orders orders(const std::vector<const char*>& arguments) {
    const auto parsed = parse(arguments);
    REQUIRE_FALSE(parsed.status);
    const auto result = orders_of(parsed.settings);
    REQUIRE(result);
    return *result;
}

}  // namespace

TEST_CASE("without orders a person drives, the robot called robot.local") {
    const auto parsed = parse({});
    CHECK_FALSE(parsed.status);
    CHECK(parsed.settings.address == "robot.local");
    CHECK(parsed.settings.port == 8101);
    CHECK_FALSE(orders_of(parsed.settings));
    CHECK_FALSE(orders_of(parse({"--address", "10.0.0.1", "--port", "1"}).settings));
}

TEST_CASE("orders are read from the command line") {
    const auto all = orders({"--mode", "teleop", "--seconds", "0.5", "--press", "w", "left_arrow", "button_b",
                             "--print", "devices", "--json"});
    CHECK(all.mode == runtime::RunMode::teleop);
    CHECK(all.duration == 500 * millisecond);
    CHECK(all.inputs.keys == (1ULL << 22 | 1ULL << 43));
    REQUIRE(all.inputs.gamepad);
    CHECK(all.inputs.gamepad->buttons == 2);
    CHECK(all.print == Orders::Print::devices);
    CHECK(all.json);

    const auto few = orders({"--print", "logs"});
    CHECK_FALSE(few.mode);
    CHECK_FALSE(few.duration);
    CHECK_FALSE(few.inputs.gamepad);
    CHECK(few.print == Orders::Print::logs);
    CHECK(orders({"--mode", "auto"}).mode == runtime::RunMode::autonomous);
    CHECK(orders({"--mode", "idle"}).mode == runtime::RunMode::idle);
}

TEST_CASE("a wrong value is status 2") {
    for (const auto& arguments : std::vector<std::vector<const char*>>{{"--port", "0"},
                                                                       {"--port", "65536"},
                                                                       {"--mode", "drive"},
                                                                       {"--seconds", "0"},
                                                                       {"--seconds", "nan"},
                                                                       {"--seconds", "1e9"},
                                                                       {"--press", "button"},
                                                                       {"--print", "everything"},
                                                                       {"--nonsense"}})
        CHECK(parse(arguments).status == 2);
}

TEST_CASE("JSON of nothing is refused") {
    CHECK_THROWS_WITH(orders_of(parse({"--json"}).settings), Catch::Contains("--print"));
}
