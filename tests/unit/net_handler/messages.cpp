#include "net_handler/protocol/messages.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>

#include "proto/runtime_status.pb.h"
#include "tests/support/driver_station.hpp"

using namespace runtime::net;

namespace {

Decoded decode(Client client, int type, const std::string& payload) {
    static MessageDecoder decoder;
    return decoder.decode(client, static_cast<std::uint8_t>(type),
                          {reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()});
}

Decoded decode(const ::UserInputs& inputs) {
    return decode(Client::driver_station, 5, inputs.SerializeAsString());
}

InputsCommand inputs_of(const Decoded& decoded) {
    REQUIRE(decoded.command);
    return std::get<InputsCommand>(*decoded.command);
}

}  // namespace

TEST_CASE("an empty payload is a message of default values") {
    CHECK(std::get<ModeCommand>(*decode(Client::field_control, 0, "").command).mode ==
          runtime::RunMode::idle);
    CHECK(std::get<StartPositionCommand>(*decode(Client::field_control, 1, "").command).position ==
          runtime::StartPosition::left);
    CHECK(std::get<GameStateCommand>(*decode(Client::field_control, 4, "").command).state ==
          GameStateCommand::State::poison_ivy);
    CHECK(inputs_of(decode(Client::driver_station, 5, "")).empty);
    CHECK(std::get<TimeRequest>(*decode(Client::driver_station, 6, "").command).driver_station_time == 0);
}

TEST_CASE("enum values that do not exist are refused") {
    CHECK_FALSE(decode(Client::driver_station, 0, "\x08\x03").command);
    CHECK_FALSE(decode(Client::driver_station, 0, "\x08\xff\xff\xff\xff\x0f").command);
    CHECK_FALSE(decode(Client::field_control, 1, "\x08\x02").command);
    CHECK_FALSE(decode(Client::field_control, 4, "\x08\x04").command);
    CHECK(decode(Client::field_control, 4, "\x08\x04").fault == "an enum value that does not exist");
}

TEST_CASE("a message that does not parse is a fault and no command") {
    for (int type = 0; type < 256; ++type) {
        for (const auto client : {Client::driver_station, Client::field_control}) {
            const auto decoded = decode(client, type, "\x08");
            CHECK_FALSE(decoded.command);
            CHECK_FALSE(decoded.fault.empty());
        }
    }
    const auto whole = runtime::test::recorded_packet("dawn_inputs_gamepad_axes").substr(3);
    for (std::size_t length = 1; length < whole.size(); ++length)
        CHECK_FALSE(decode(Client::driver_station, 5, whole.substr(0, length)).command);
}

TEST_CASE("a client's command that only the other kind may send is refused") {
    CHECK_FALSE(decode(Client::driver_station, 4, "").command);
    CHECK_FALSE(decode(Client::field_control, 5, "").command);
    CHECK_FALSE(decode(Client::field_control, 6, "").command);
}

TEST_CASE("axes are finite and within [-1, 1], whatever is sent") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float infinity = std::numeric_limits<float>::infinity();
    const auto decoded = decode(runtime::test::gamepad(1, {nan, infinity, -3, 1.0001F}));
    CHECK(inputs_of(decoded).gamepad->axes == std::array<float, 4>{0, 0, -1, 1});
    CHECK(inputs_of(decoded).gamepad->buttons == 1);
    CHECK(decoded.fault == "an axis that is not in [-1, 1]");
    CHECK(decode(runtime::test::gamepad(0, {1, -1, 0, -0.0F})).fault.empty());
}

TEST_CASE("a gamepad with any number of axes has four") {
    for (const int count : {0, 1, 3, 5, 300}) {
        ::UserInputs message;
        auto* input = message.add_inputs();
        input->set_connected(true);
        for (int i = 0; i < count; ++i)
            input->add_axes(0.5F);
        const auto decoded = decode(message);
        const float last = count >= 4 ? 0.5F : 0.0F;
        CHECK(inputs_of(decoded).gamepad->axes[3] == last);
        CHECK(decoded.fault == "a gamepad that has not four axes");
    }
}

TEST_CASE("the first gamepad of several counts, and buttons that do not exist are dropped") {
    auto message = runtime::test::gamepad(~0ULL);
    message.MergeFrom(runtime::test::gamepad(2));
    message.MergeFrom(runtime::test::keyboard(~0ULL));
    message.MergeFrom(runtime::test::keyboard(4));
    const auto inputs = inputs_of(decode(message));
    CHECK(inputs.gamepad->buttons == 0x1FFFF);
    CHECK(inputs.keyboard->keys == 0x7FFFFFFFFFFF);
    CHECK_FALSE(inputs.empty);
}

TEST_CASE("an entry of an unknown source is ignored, the others count") {
    ::UserInputs message;
    message.add_inputs()->set_source(static_cast<::Input::Source>(7));
    message.MergeFrom(runtime::test::keyboard(3));
    const auto decoded = decode(message);
    CHECK_FALSE(inputs_of(decoded).gamepad);
    CHECK(inputs_of(decoded).keyboard->keys == 3);
    CHECK_FALSE(decoded.fault.empty());
}

TEST_CASE("thousands of entries are one gamepad") {
    std::string payload;
    for (int i = 0; i < 2000; ++i)
        payload += std::string("\x0a\0", 2);
    const auto inputs = inputs_of(decode(Client::driver_station, 5, payload));
    CHECK_FALSE(inputs.gamepad->connected);
    CHECK_FALSE(inputs.keyboard);
}

TEST_CASE("RuntimeStatus and TimeStamps are whole packets with what was given") {
    std::vector<std::uint8_t> out;
    append_status(out, {true, false, runtime::RunMode::teleop, 11.5F});
    ::RuntimeStatus status;
    REQUIRE(out.at(0) == 6);
    REQUIRE(out.size() == 3U + out.at(1) + 256U * out.at(2));
    REQUIRE(status.ParseFromArray(out.data() + 3, static_cast<int>(out.size() - 3)));
    CHECK(status.shep_connected());
    CHECK_FALSE(status.dawn_connected());
    CHECK(status.mode() == ::RunMode::TELEOP);
    CHECK(status.battery() == 11.5F);
    CHECK_FALSE(status.version().empty());

    out.clear();
    append_time_stamps(out, {123}, 456);
    ::TimeStamps stamps;
    REQUIRE(out.at(0) == 6);
    REQUIRE(stamps.ParseFromArray(out.data() + 3, static_cast<int>(out.size() - 3)));
    CHECK(stamps.dawn_timestamp() == 123);
    CHECK(stamps.runtime_timestamp() == 456);
}
