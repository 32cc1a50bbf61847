#include "net_handler/station/screen.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace runtime;
using namespace runtime::station;

namespace {

/// A row as it is seen: without the sequences that colour it. Fails on any other control character.
std::string seen(const std::string& row) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] == '\x1B') {
            i = row.find('m', i);
            REQUIRE(i != std::string::npos);
            continue;
        }
        REQUIRE(static_cast<unsigned char>(row[i]) >= 0x20);
        text += row[i];
    }
    return text;
}

std::size_t width(const std::string& row) {
    const std::string text = seen(row);
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

/// All rows, joined.
std::string seen(const std::vector<std::string>& rows) {
    std::string text;
    for (const auto& row : rows)
        text += seen(row) + '\n';
    return text;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

Picture picture_with(int devices, int parameters) {
    Picture picture;
    for (int i = 0; i < devices; ++i) {
        auto& device = *picture.devices.add_devices();
        device.set_name("KoalaBear");
        device.set_type(6);
        device.set_uid(static_cast<std::uint64_t>(i));
        for (int p = 0; p < parameters; ++p) {
            auto& parameter = *device.add_params();
            parameter.set_name("parameter_" + std::to_string(p));
            parameter.set_fval(static_cast<float>(p) / 4);
        }
    }
    return picture;
}

std::vector<std::string> rows_of(const Picture& picture, ScreenSize size, std::size_t first = 0) {
    return screen_rows({"robot.local port 8101", "connected", true, picture, 1ULL << 22, first}, size);
}

}  // namespace

TEST_CASE("the screen shows mode, latency, held keys, devices and log") {
    Picture picture = picture_with(1, 2);
    picture.mode = net::ModeNews{runtime::RunMode::teleop, 7};
    picture.latency = 1'540 * microsecond;
    picture.log = {"first line", "[executor] ERROR: second line"};
    const std::string text = seen(rows_of(picture, {24, 80}));
    for (const char* part :
         {"robot.local port 8101", "connected", "TELEOP", "latency 1.5 ms", "keys: w", "6_0 KoalaBear",
          "parameter_1 0.25", "first line", "ERROR: second line", "F3 TELEOP", "space"})
        CHECK(contains(text, part));
    CHECK_FALSE(contains(text, "field control"));
    picture.mode_refused = true;
    CHECK(contains(seen(rows_of(picture, {24, 80})), "field control decides"));
}

TEST_CASE("a screen without a connection says so, and claims no mode") {
    Picture picture;
    picture.mode = net::ModeNews{runtime::RunMode::teleop, 7};
    picture.latency = millisecond;
    const std::string top = seen(
        screen_rows({"robot.local port 8101", "cannot find robot.local", false, picture, 0, 0}, {24, 80})[0]);
    CHECK(contains(top, "cannot find robot.local"));
    CHECK_FALSE(contains(top, "TELEOP"));
    CHECK_FALSE(contains(top, "latency"));
}

TEST_CASE("whatever is shown fits every size") {
    Picture picture = picture_with(33, 32);
    picture.latency = second;
    for (int i = 0; i < 1000; ++i)
        picture.log.push_back("línea " + std::string(static_cast<std::size_t>(i % 300), 'x'));
    picture.devices.mutable_devices(0)->set_name("a name \x1B[2J that is\t\x07 hostile");
    picture.devices.mutable_devices(0)->mutable_params(0)->set_name("\x1B]0;\ttitle");
    for (std::size_t rows = 0; rows < 40; ++rows)
        for (const std::size_t columns : {0U, 1U, 4U, 5U, 27U, 28U, 80U, 300U}) {
            const auto screen = rows_of(picture, {rows, columns}, rows * 7);
            CHECK(screen.size() == (columns < 4 ? 0 : rows));
            for (const auto& row : screen)
                CHECK(width(row) <= columns);
        }
}

TEST_CASE("the mode is seen on a terminal of any width") {
    Picture picture;
    picture.mode = net::ModeNews{runtime::RunMode::teleop, 7};
    CHECK(contains(seen(rows_of(picture, {5, 10})[0]), "TELEOP"));
}

TEST_CASE("a value is shown whole, however long its name is") {
    Picture picture;
    auto& device = *picture.devices.add_devices();
    device.set_name("CustomData");
    for (const std::size_t length : {1U, 23U, 24U, 63U}) {
        auto& parameter = *device.add_params();
        parameter.set_name(std::string(length, 'n'));
        parameter.set_ival(-2'000'000'000 - static_cast<std::int32_t>(length));
    }
    const std::string text = seen(rows_of(picture, {24, 80}));
    for (const char* value :
         {"n -2000000001 ", "nnn… -2000000023 ", "nnn… -2000000024 ", "nnn… -2000000063 "})
        CHECK(contains(text, value));
}

TEST_CASE("a long line of the log is shown whole, in several rows, and the newest rows stay") {
    Picture picture;
    picture.log = {"first", std::string(20, 'a') + std::string(18, 'b') + "c", "last"};
    const auto rows = rows_of(picture, {12, 20});
    CHECK(seen(rows[5]) == "first");
    CHECK(seen(rows[6]) == std::string(20, 'a'));
    CHECK(seen(rows[7]) == "  " + std::string(18, 'b'));
    CHECK(seen(rows[8]) == "  c");
    CHECK(seen(rows[9]) == "last");
    CHECK(seen(rows_of(picture, {4, 20})[1]) == "  " + std::string(18, 'b'));
}

TEST_CASE("more devices than fit can be scrolled to the last, and the log keeps a third") {
    Picture picture = picture_with(30, 4);
    for (int i = 0; i < 100; ++i)
        picture.log.push_back("line " + std::to_string(i) + ".");
    const auto top = seen(rows_of(picture, {35, 80}));
    CHECK(contains(top, "6_0 KoalaBear"));
    CHECK_FALSE(contains(top, "6_29 KoalaBear"));
    CHECK(contains(top, "rows 1-20 of 90"));
    CHECK(contains(top, "line 99."));
    CHECK(contains(top, "line 90."));
    const auto bottom = seen(rows_of(picture, {35, 80}, 100'000));
    CHECK(contains(bottom, "6_29 KoalaBear"));
    CHECK(contains(bottom, "of 90"));
}
