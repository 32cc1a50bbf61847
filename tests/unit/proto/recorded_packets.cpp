// Every packet that was recorded from the clients in the field decodes, with the generated classes alone, to
// what the recording says that it means.
#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "proto/game_state.pb.h"
#include "proto/input.pb.h"
#include "proto/run_mode.pb.h"
#include "proto/start_pos.pb.h"
#include "proto/time_stamps.pb.h"

namespace {

using Json = nlohmann::json;

Json recorded() {
    std::ifstream file(FIXTURES_DIRECTORY "/network/clients.json");
    return Json::parse(file).at("packets");
}

std::string bytes_of(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    return bytes;
}

template <class Message>
Message parsed(const std::string& payload) {
    Message message;
    REQUIRE(message.ParseFromString(payload));
    return message;
}

void check_inputs(const UserInputs& message, const Json& expected) {
    REQUIRE(static_cast<std::size_t>(message.inputs_size()) == expected.size());
    for (int i = 0; i < message.inputs_size(); ++i) {
        const Input& input = message.inputs(i);
        const Json& wanted = expected.at(static_cast<std::size_t>(i));
        CHECK(input.connected() == wanted.at("connected").get<bool>());
        CHECK(input.buttons() == std::stoull(wanted.at("buttons_hex").get<std::string>(), nullptr, 16));
        CHECK(Input::Source_Name(input.source()) == wanted.at("source").get<std::string>());
        CHECK(std::vector<float>(input.axes().begin(), input.axes().end()) ==
              wanted.at("axes").get<std::vector<float>>());
    }
}

void check_payload(const std::string& payload, const Json& expected) {
    const auto name = expected.at("message").get<std::string>();
    if (name == "RunMode")
        CHECK(RunMode::Mode_Name(parsed<RunMode>(payload).mode()) == expected.at("mode").get<std::string>());
    else if (name == "StartPos")
        CHECK(StartPos::Pos_Name(parsed<StartPos>(payload).pos()) == expected.at("pos").get<std::string>());
    else if (name == "GameState")
        CHECK(GameState::State_Name(parsed<GameState>(payload).state()) ==
              expected.at("state").get<std::string>());
    else if (name == "UserInputs")
        check_inputs(parsed<UserInputs>(payload), expected.at("inputs"));
    else if (name == "TimeStamps") {
        const auto message = parsed<TimeStamps>(payload);
        CHECK(message.dawn_timestamp() == expected.at("dawn_timestamp").get<std::uint64_t>());
        CHECK(message.runtime_timestamp() == expected.at("runtime_timestamp").get<std::uint64_t>());
    } else
        FAIL("the recording has a message that this test does not know: " << name);
}

}  // namespace

TEST_CASE("every recorded packet decodes to what the recording says it means") {
    std::set<std::string> messages;
    for (const auto& packet : recorded()) {
        const auto bytes = bytes_of(packet.at("hex").get<std::string>());
        const auto& expected = packet.at("decoded");
        INFO(packet.at("name").get<std::string>());
        if (expected.contains("identity")) {
            CHECK(bytes == std::string(1, expected.at("identity") == "DAWN" ? '\1' : '\0'));
            continue;
        }
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes.at(i)); };
        CHECK(byte(0) == expected.at("msg_type").get<int>());
        CHECK((byte(1) | byte(2) << 8) == expected.at("length").get<int>());
        REQUIRE(bytes.size() == 3 + expected.at("length").get<std::size_t>());
        check_payload(bytes.substr(3), expected);
        messages.insert(expected.at("message"));
    }
    CHECK(messages == std::set<std::string>{"GameState", "RunMode", "StartPos", "TimeStamps", "UserInputs"});
}
