#include "shm_wrapper/process/json.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

using namespace runtime;
using nlohmann::json;

TEST_CASE("objects, arrays and values come out as they went in, in one line") {
    JsonWriter writer;
    writer.begin_object().member("text", "a").member("flag", true).key("nothing").null().key("list");
    writer.begin_array().value(-1).value(std::uint64_t{18446744073709551615ULL}).value(0.1F).value(0.1);
    writer.begin_object().end_object().begin_array().end_array().end_array().member("last", 'a' == 'a');
    const std::string text = std::move(writer.end_object()).text();
    CHECK(text ==
          "{\"text\": \"a\", \"flag\": true, \"nothing\": null, \"list\": [-1, 18446744073709551615, 0.1, "
          "0.1, {}, "
          "[]], \"last\": true}");
    CHECK(json::accept(text));
}

TEST_CASE("a number that is not finite is null") {
    const double number =
        GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity());
    JsonWriter writer;
    writer.begin_array().value(number).value(static_cast<float>(-number)).end_array();
    const std::string text = std::move(writer).text();
    CHECK(text == "[null, null]");
}

TEST_CASE("any text makes valid JSON, as a value and as a key") {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte)
        every_byte += static_cast<char>(byte);
    for (const std::string& text : {every_byte, std::string("\xF0\x9F"), std::string("\\\"\\"),
                                    std::string("\xED\xA0\x80"), std::string("día\t🤖")}) {
        JsonWriter writer;
        writer.begin_object().member(text, text).end_object();
        const std::string written = std::move(writer).text();
        CAPTURE(written);
        REQUIRE(json::accept(written));
        CHECK(written.find('\n') == std::string::npos);
        if (text.find("día") != std::string::npos)
            CHECK(json::parse(written)[text] == text);
    }
}
