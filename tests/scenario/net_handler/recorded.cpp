// The recorded sessions of the clients of the field, played packet by packet into the real net_handler: after
// each, the robot's state, the inputs and what the client is answered are what the packet means.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/scenario/net_handler/field.hpp"

using namespace runtime;
using namespace runtime::test;
using nlohmann::json;

namespace {

struct Recording {
    std::string name;
    json meaning;
};

std::vector<Recording> recordings_of(const std::string& client) {
    std::vector<Recording> recordings;
    std::ifstream file(FIXTURES_DIRECTORY "/network/clients.json");
    const json recorded = json::parse(file);
    for (const auto& entry : recorded.at("packets"))
        if (entry.at("client") == client)
            recordings.push_back({entry.at("name"), entry.at("decoded")});
    return recordings;
}

std::uint64_t bits_of(const json& input) {
    return input.at("connected") ? std::stoull(input.at("buttons_hex").get<std::string>(), nullptr, 16) : 0;
}

std::array<float, 4> axes_of(const json& input) {
    std::array<float, 4> axes{};
    if (input.at("connected") && input.at("axes").size() == axes.size())
        input.at("axes").get_to(axes);
    return axes;
}

/// Whether the inputs are as the entries of a UserInputs say; a source that is not listed may be anything.
bool as_listed(const Inputs& inputs, const json& entries) {
    if (entries.empty())
        return !inputs.gamepad_connected && !inputs.keyboard_connected && inputs.gamepad_buttons == 0 &&
               inputs.keyboard_keys == 0;
    for (const auto& entry : entries) {
        const bool connected = entry.at("connected");
        if (entry.at("source") == "GAMEPAD"
                ? inputs.gamepad_connected != connected || inputs.gamepad_buttons != bits_of(entry) ||
                      inputs.gamepad_axes != axes_of(entry)
                : inputs.keyboard_connected != connected || inputs.keyboard_keys != bits_of(entry))
            return false;
    }
    return true;
}

/// One client, and what the robot must be after each of its packets.
class Session {
  public:
    explicit Session(DriverStation::Kind kind) : kind_(kind), client_(DriverStation::silent(field_.port())) {
        field_.connect(0, field_.type("KoalaBear"), 77, std::vector<Value>(16, Value::of(0.25F)));
        wanted_ = field_.state();
    }

    void play(const Recording& recording) {
        CAPTURE(recording.name);
        const json& meaning = recording.meaning;
        const std::string message = meaning.value("message", "identity");
        const Nanoseconds sent = now();
        if (message == "UserInputs")
            client_.keep_sending_recorded(recording.name);
        else
            client_.send_recorded(recording.name);
        if (message == "identity")
            (dawn() ? wanted_.driver_station_connected : wanted_.field_control_connected) = true;
        else if (message == "RunMode")
            changes_mode(meaning.at("mode"));
        else if (message == "StartPos")
            wanted_.start_position =
                meaning.at("pos") == "RIGHT" ? StartPosition::right : StartPosition::left;
        else if (message == "GameState")
            changes_game_state(meaning.at("state"), sent);
        else if (message == "UserInputs")
            CHECK(field_.wait_for_inputs(
                [&](const Inputs& inputs) { return as_listed(inputs, meaning.at("inputs")); }));
        else
            REQUIRE(message == "TimeStamps");
        CHECK(field_.wait_for_state([&](const RobotState& state) { return as_wanted(state); }));
        if (dawn())
            check_answers_to_dawn(message, meaning);
        else
            check_answers_to_shepherd();
    }

    /// The client goes.
    void end() {
        client_.close();
        CHECK(field_.wait_for_state([&](const RobotState& state) {
            return state.mode == runtime::RunMode::idle && state.run_id == wanted_.run_id &&
                   !state.driver_station_connected && !state.field_control_connected &&
                   !state.gamepad_connected && !state.keyboard_connected && state.poison_ivy_until == 0;
        }));
        CHECK(as_listed(field_.inputs(), json::array()));
        CHECK(field_.net_handler().output().find("bad packet") == std::string::npos);
    }

  private:
    bool dawn() const { return kind_ == DriverStation::Kind::dawn; }

    void changes_mode(const std::string& name) {
        const auto mode = name == "IDLE"   ? runtime::RunMode::idle
                          : name == "AUTO" ? runtime::RunMode::autonomous
                                           : runtime::RunMode::teleop;
        mode_is_news_ = mode != wanted_.mode;
        if (mode_is_news_ && mode != runtime::RunMode::idle)
            ++wanted_.run_id;
        wanted_.mode = mode;
        mode_name_ = name;
    }

    void changes_game_state(const std::string& name, Nanoseconds sent) {
        if (name == "POISON_IVY")
            wanted_.poison_ivy_until = sent + 10 * second;
        else if (name == "DEHYDRATION")
            wanted_.dehydration_until = sent + 10 * second;
        else
            wanted_.hypothermia = name == "HYPOTHERMIA_START";
    }

    bool as_wanted(const RobotState& state) const {
        const auto lasts = [](Nanoseconds until, Nanoseconds wanted) {
            return wanted == 0 ? until == 0 : until >= wanted && until <= now() + 10 * second;
        };
        return state.mode == wanted_.mode && state.run_id == wanted_.run_id &&
               state.start_position == wanted_.start_position && state.hypothermia == wanted_.hypothermia &&
               lasts(state.poison_ivy_until, wanted_.poison_ivy_until) &&
               lasts(state.dehydration_until, wanted_.dehydration_until) &&
               state.driver_station_connected == wanted_.driver_station_connected &&
               state.field_control_connected == wanted_.field_control_connected;
    }

    /// The packets that are sent to it all the time, and those that this step has caused.
    void check_answers_to_dawn(const std::string& message, const json& meaning) {
        if (message == "TimeStamps") {
            const auto answer =
                client_.receive_until([](const ReceivedPacket& received) { return received.type == 6; });
            REQUIRE(answer);
            const auto stamps = answer->as<TimeStamps>();
            CHECK(stamps.dawn_timestamp() == meaning.at("dawn_timestamp").get<std::uint64_t>());
            CHECK(stamps.runtime_timestamp() > 1'700'000'000'000);
        }
        if (message == "RunMode" && std::exchange(mode_is_news_, false))
            CHECK(client_.wait_for_log("(run ") == "[net_handler] " + mode_name_ +
                                                       ", set by the driver station (run " +
                                                       std::to_string(wanted_.run_id) + ")");
        if (message == "identity")
            CHECK(client_.wait_for_log("(run ") ==
                  "[net_handler] IDLE (run " + std::to_string(wanted_.run_id) + ")");
        const auto next = client_.receive_until([](const ReceivedPacket& received) {
            CHECK((received.type == 2 || received.type == 3));
            return received.type == 3;
        });
        REQUIRE(next);
        const auto data = next->as<DevData>();
        REQUIRE(data.devices_size() == 2);
        CHECK(find_parameter(data, "6_77", "velocity_a")->fval() == 0.25F);
        CHECK(data.devices(1).name() == "CustomData");
        CHECK(find_parameter(data, "CustomData", "time_ms") != nullptr);
    }

    void check_answers_to_shepherd() {
        const auto is_status = [&](const ReceivedPacket& received) {
            CHECK(received.type == 6);
            const auto status = received.as<::RuntimeStatus>();
            CHECK(status.shep_connected());
            CHECK_FALSE(status.version().empty());
            return static_cast<int>(status.mode()) == static_cast<int>(wanted_.mode);
        };
        CHECK(client_.receive_until(is_status));
    }

    DriverStation::Kind kind_;
    Field field_;
    DriverStation client_;
    RobotState wanted_;
    std::string mode_name_;
    bool mode_is_news_ = false;
};

void play(const std::string& client, DriverStation::Kind kind, std::size_t packets) {
    const auto recordings = recordings_of(client);
    REQUIRE(recordings.size() == packets);
    Session session(kind);
    for (const auto& recording : recordings)
        session.play(recording);
    session.end();
}

}  // namespace

TEST_CASE("the recorded session of Dawn 4 does at every step what it means") {
    play("Dawn 4", DriverStation::Kind::dawn, 45);
}

TEST_CASE("the recorded session of Dawn 2 does at every step what it means") {
    play("Dawn 2", DriverStation::Kind::dawn, 9);
}

TEST_CASE("the recorded session of Shepherd does at every step what it means") {
    play("Shepherd", DriverStation::Kind::shepherd, 10);
}
