#include "net_handler/station/printer.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>

using namespace runtime::station;
using nlohmann::json;

namespace {

Param parameter(const std::string& name, float value) {
    Param result;
    result.set_name(name);
    result.set_fval(value);
    return result;
}

DevData robot() {
    DevData data;
    auto& motor = *data.add_devices();
    motor.set_name("KoalaBear");
    motor.set_type(6);
    motor.set_uid(18446744073709551615ULL);
    *motor.add_params() = parameter("velocity_a", -0.1F);
    auto& encoder = *motor.add_params();
    encoder.set_name("enc_a");
    encoder.set_ival(-2147483647 - 1);
    auto& invert = *motor.add_params();
    invert.set_name("invert_a");
    invert.set_bval(true);
    auto& custom = *data.add_devices();
    custom.set_name("CustomData");
    custom.set_type(32);
    custom.set_uid(2020);
    *custom.add_params() = parameter("not \"a\" \\ number\t", std::numeric_limits<float>::quiet_NaN());
    custom.add_params()->set_name("nothing");
    return data;
}

}  // namespace

TEST_CASE("devices as JSON are one line that holds every value as it is") {
    const std::string line = devices_as_json(robot(), 1'700'000'000'000);
    CHECK(line.find('\n') == line.size() - 1);
    const json parsed = json::parse(line);
    CHECK(parsed["time_ms"] == 1'700'000'000'000);
    const json& motor = parsed["devices"]["6_18446744073709551615"];
    CHECK(motor["name"] == "KoalaBear");
    CHECK(motor["values"]["velocity_a"].get<float>() == -0.1F);
    CHECK(motor["values"]["enc_a"] == -2147483648LL);
    CHECK(motor["values"]["invert_a"] == true);
    const json& custom = parsed["devices"]["CustomData"]["values"];
    CHECK(custom["not \"a\" \\ number\t"].is_null());
    CHECK(custom["nothing"].is_null());
    CHECK(json::parse(devices_as_json({}, 1))["devices"].empty());
}

TEST_CASE("devices as text are one line each") {
    CHECK(devices_as_text(robot()) ==
          "6_18446744073709551615 KoalaBear velocity_a=-0.1 enc_a=-2147483648 invert_a=true\n"
          "CustomData not \"a\" \\ number\t=nan nothing=null\n");
    CHECK(devices_as_text({}).empty());
}

TEST_CASE("a log line as JSON is one line, whatever it holds") {
    for (const std::string text : {"plain", "\"quoted\" \\ back", "tab\there", "höhe ☃", ""}) {
        const std::string line = log_line_as_json(text, 5);
        CHECK(line.find('\n') == line.size() - 1);
        CHECK(json::parse(line)["line"] == text);
        CHECK(json::parse(line)["time_ms"] == 5);
    }
    CHECK(json::parse(log_line_as_json("new\nline \xFF \x1B[2J", 5))["line"] == "new?line \uFFFD ?[2J");
}
