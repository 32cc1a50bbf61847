#include "shm_wrapper/device_types_file.hpp"

#include <catch2/catch.hpp>

using namespace runtime;
using Catch::Contains;

namespace {

std::string type_text(const std::string& body) {
    return "device_types { number: 9 name: \"Arm\" " + body + " }";
}
const std::string good_parameter = R"(parameters { name: "angle" kind: FLOAT read: true })";

DeviceTypes parse(const std::string& text) {
    return parse_device_types(text, "types.textproto");
}

}  // namespace

TEST_CASE("the file of the field is valid and says what the field's devices are") {
    const DeviceTypes types = read_device_types(SOURCE_DIRECTORY "/shm_wrapper/device_types.textproto");
    CHECK(types.count == 13);
    const DeviceType* koala = types.find(6);
    REQUIRE(koala != nullptr);
    CHECK(koala->name() == "KoalaBear");
    CHECK(koala->parameter_count == 16);
    CHECK(koala->bitmap(&ParameterType::stop) == ((1U << 0) | (1U << 8)));
    CHECK(koala->bitmap(&ParameterType::game_states) == koala->bitmap(&ParameterType::stop));
    CHECK(koala->find("enc_b") == 15);
    CHECK(koala->find("velocity") == -1);
    CHECK(koala->parameters[7].kind == ParameterKind::integer);
    const DeviceType* general = types.find(63);
    REQUIRE(general != nullptr);
    CHECK(general->parameter_count == 32);
    CHECK(types.find(62)->bitmap(&ParameterType::stop) == (1U << 3));
    CHECK(types.find(0)->bitmap(&ParameterType::read) == 0xF03F);
    CHECK(types.find(0)->bitmap(&ParameterType::write) == 0xFFC0);
    CHECK(types.find(custom_data_type) == nullptr);
    CHECK(types.find(8)->extra_silence_ms == 700);
}

TEST_CASE("a type that is right is taken") {
    const auto types = parse(type_text(good_parameter));
    REQUIRE(types.count == 1);
    CHECK(types.list[0].parameters[0].name() == "angle");
    CHECK(types.list[0].parameters[0].read);
    CHECK_FALSE(types.list[0].parameters[0].write);
    CHECK(parse("").count == 0);
}

TEST_CASE("a syntax error names file, line and column") {
    CHECK_THROWS_WITH(parse("device_types {\n  number 9x\n}"), Contains("types.textproto:2:"));
}

TEST_CASE("an unknown kind is named") {
    CHECK_THROWS_WITH(parse(type_text(R"(parameters { name: "angle" kind: DOUBLE read: true })")),
                      Contains("DOUBLE") && Contains("kind"));
}

TEST_CASE("what is wrong in a type is said, with its name") {
    const auto [body, message] = GENERATE(table<std::string, std::string>({
        {"", "0 parameters"},
        {R"(parameters { name: "angle" read: true })", "no kind"},
        {R"(parameters { name: "angle" kind: INT })", "neither read nor write"},
        {R"(parameters { kind: INT read: true })", "no name"},
        {R"(parameters { name: "a b" kind: INT read: true })", "printable"},
        {R"(parameters { name: "id" kind: INT read: true })", "\"id\""},
        {R"(parameters { name: "abcdefghijklmnopqrstuvwxyz012345" kind: INT read: true })",
         "too long (32 bytes"},
        {R"(parameters { name: "a" kind: INT read: true stop: true })", "must be write"},
        {R"(parameters { name: "a" kind: INT write: true game_states: true })", "FLOAT"},
        {R"(parameters { name: "a" kind: FLOAT write: true minimum: 1 })", "both minimum and maximum"},
        {R"(parameters { name: "a" kind: FLOAT write: true minimum: 1 maximum: -1 })",
         "greater than maximum"},
        {R"(parameters { name: "a" kind: FLOAT write: true minimum: nan maximum: 1 })",
         "greater than maximum"},
        {R"(parameters { name: "a" kind: BOOL write: true minimum: 0 maximum: 1 })", "BOOL"},
        {R"(parameters { name: "a" kind: FLOAT write: true stop: true minimum: 1 maximum: 2 })",
         "include zero"},
        {good_parameter + good_parameter, "appears twice"},
    }));
    CAPTURE(body);
    CHECK_THROWS_WITH(parse(type_text(body)), Contains("\"Arm\"") && Contains(message));
}

TEST_CASE("33 parameters are too many, 32 are not") {
    std::string body;
    for (int i = 0; i < 32; ++i)
        body += "parameters { name: \"p" + std::to_string(i) + "\" kind: INT read: true }";
    CHECK_NOTHROW(parse(type_text(body)));
    CHECK_THROWS_WITH(parse(type_text(body + good_parameter)), Contains("33 parameters"));
}

TEST_CASE("numbers and names must be unique and possible") {
    const auto type = [&](const std::string& number, const std::string& name) {
        return "device_types { " + number + " name: \"" + name + "\" " + good_parameter + " }";
    };
    CHECK_THROWS_WITH(parse(type("number: 1", "A") + type("number: 1", "B")),
                      Contains("number 1 is used twice") && Contains("\"A\"") && Contains("\"B\""));
    CHECK_THROWS_WITH(parse(type("number: 1", "A") + type("number: 2", "A")),
                      Contains("\"A\" is used twice"));
    CHECK_THROWS_WITH(parse(type("number: 32", "A")), Contains("32"));
    CHECK_THROWS_WITH(parse(type("number: 256", "A")), Contains("256"));
    CHECK_THROWS_WITH(parse(type("", "A")), Contains("no number"));
    CHECK_NOTHROW(parse(type("number: 0", "A") + type("number: 255", "B")));
}

TEST_CASE("too many types are refused") {
    std::string text;
    for (int i = 0; i < 65; ++i)
        text += "device_types { number: " + std::to_string(100 + i) + " name: \"T" + std::to_string(i) +
                "\" " + good_parameter + " }";
    CHECK_THROWS_WITH(parse(text), Contains("65 device types"));
}

TEST_CASE("a file that cannot be read says so") {
    CHECK_THROWS_WITH(read_device_types("/no/such/file"), Contains("/no/such/file: cannot be read"));
    CHECK_THROWS_WITH(read_device_types("/"), Contains("cannot be read"));
}
