// The recorded sessions of each client, played into the protocol core with virtual time.
#include "net_handler/protocol/conversation.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/driver_station.hpp"
#include "tests/unit/start.hpp"

using namespace runtime;
using namespace runtime::net;
using runtime::test::packet;
using runtime::test::recorded_packet;
using runtime::test::start;

namespace {

/// A connection without a socket.
class Line : public ConversationEvents {
  public:
    explicit Line(Control& control) : control_(control), conversation_(control, *this) {}

    bool send(std::string_view bytes, Nanoseconds time = start, std::size_t piece = 4096) {
        for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
            const auto part = bytes.substr(0, piece);
            std::copy(part.begin(), part.end(), conversation_.space().begin());
            if (!conversation_.receive(part.size(), time))
                return false;
        }
        return true;
    }
    bool send_recorded(const std::string& name, Nanoseconds time = start) {
        return send(recorded_packet(name), time);
    }
    Conversation& conversation() { return conversation_; }

    std::vector<std::uint64_t> times_requested;
    std::vector<Control::Notice> notices;
    std::vector<std::string> faults;
    bool welcome = true;

  private:
    bool identified(Client client) override {
        if (welcome)
            control_.arrived(client, start);
        return welcome;
    }
    void time_requested(const TimeRequest& request) override {
        times_requested.push_back(request.driver_station_time);
    }
    void noticed(Client, const Command&, Control::Notice notice) override { notices.push_back(notice); }
    void faulty(std::uint8_t, std::size_t, std::string_view fault) override { faults.emplace_back(fault); }

    Control& control_;
    Conversation conversation_;
};

Control new_control() {
    return {RobotState{}, start};
}

}  // namespace

TEST_CASE("a session of Dawn 4 sets modes, position and inputs and asks for the time") {
    auto control = new_control();
    Line dawn(control);
    CHECK(dawn.send_recorded("dawn_ident"));
    CHECK(control.robot().driver_station_connected);
    dawn.send_recorded("dawn_startpos_right");
    CHECK(control.robot().start_position == StartPosition::right);
    dawn.send_recorded("dawn_startpos_left");
    CHECK(control.robot().start_position == StartPosition::left);
    dawn.send_recorded("dawn_mode_auto");
    CHECK(control.robot().mode == runtime::RunMode::autonomous);
    dawn.send_recorded("dawn_mode_teleop");
    CHECK(control.robot().mode == runtime::RunMode::teleop);
    dawn.send_recorded("dawn_inputs_gamepad_btn12_dpad_up");
    CHECK(control.robot().gamepad_connected);
    CHECK(control.inputs().gamepad_buttons == 1U << 12);
    dawn.send_recorded("dawn_inputs_keyboard_key46_ArrowDown");
    CHECK(control.inputs().keyboard_keys == 1ULL << 46);
    dawn.send_recorded("dawn_ping");
    CHECK(dawn.times_requested == std::vector<std::uint64_t>{1'700'000'000'000});
    dawn.send_recorded("dawn_inputs_none");
    CHECK_FALSE(control.robot().gamepad_connected);
    CHECK_FALSE(control.robot().keyboard_connected);
    dawn.send_recorded("dawn_mode_idle");
    CHECK(control.robot().mode == runtime::RunMode::idle);
    CHECK(dawn.faults.empty());
}

TEST_CASE("every recorded input means the buttons, keys and axes that its name says") {
    const auto inputs_after = [](const std::string& name) {
        auto control = new_control();
        Line dawn(control);
        dawn.send_recorded("dawn_ident");
        dawn.send_recorded(name);
        CHECK(dawn.faults.empty());
        return control.inputs();
    };
    CHECK(inputs_after("dawn_inputs_gamepad_all_buttons").gamepad_buttons == 0x1FFFF);
    CHECK(inputs_after("dawn_inputs_gamepad_axes").gamepad_axes ==
          std::array<float, 4>{1.0F, -1.0F, -0.5F, 0.25F});
    CHECK(inputs_after("dawn_inputs_gamepad_neutral").gamepad_connected);
    CHECK_FALSE(inputs_after("dawn_inputs_gamepad_disconnected").gamepad_connected);
    CHECK(inputs_after("dawn_inputs_keyboard_all_keys").keyboard_keys == 0x7FFFFFFFFFFF);
    CHECK(inputs_after("dawn_inputs_keyboard_none").keyboard_connected);
    CHECK_FALSE(inputs_after("dawn_inputs_keyboard_disconnected").keyboard_connected);
    CHECK_FALSE(inputs_after("olddawn_gamepad_none").gamepad_connected);
}

TEST_CASE("a session of Dawn 2 sends one source a message") {
    auto control = new_control();
    Line dawn(control);
    dawn.send_recorded("olddawn_ident");
    dawn.send_recorded("olddawn_keyboard_on");
    dawn.send_recorded("olddawn_keyboard_a_6");
    Nanoseconds time = start;
    for (int i = 0; i < 50; ++i, time += 100 * millisecond) {
        dawn.send_recorded("olddawn_gamepad_a_dpadup", time);
        control.advance(time + 99 * millisecond);
        CHECK(control.inputs().gamepad_buttons == 0x1001);
        CHECK(control.inputs().keyboard_keys == 0x80000001);
    }
    dawn.send_recorded("olddawn_gamepad_none", time);
    CHECK_FALSE(control.inputs().gamepad_connected);
    CHECK(control.inputs().keyboard_connected);
    dawn.send_recorded("olddawn_keyboard_off", time);
    CHECK_FALSE(control.inputs().keyboard_connected);
    dawn.send_recorded("olddawn_mode_teleop", time);
    CHECK(control.robot().mode == runtime::RunMode::teleop);
    dawn.send_recorded("olddawn_mode_idle", time);
    CHECK(control.robot().mode == runtime::RunMode::idle);
}

TEST_CASE("a match of Shepherd: two connections, stages, game states, IDLE and the end") {
    auto control = new_control();
    const auto first_run = control.robot().run_id;
    {
        Line early(control);
        early.send_recorded("shepherd_ident");
        early.send_recorded("shepherd_mode_idle");
    }
    control.left(Client::field_control, start);
    Line shepherd(control);
    shepherd.send_recorded("shepherd_ident");
    shepherd.send_recorded("shepherd_startpos_right");
    shepherd.send_recorded("shepherd_mode_auto");
    CHECK(control.robot().mode == runtime::RunMode::autonomous);
    CHECK(control.robot().run_id == first_run + 1);
    shepherd.send_recorded("shepherd_gamestate_poison_ivy");
    CHECK(control.robot().poison_ivy_until == start + 10 * second);
    shepherd.send_recorded("shepherd_mode_teleop");
    shepherd.send_recorded("shepherd_mode_teleop");
    CHECK(control.robot().run_id == first_run + 2);
    shepherd.send_recorded("shepherd_gamestate_dehydration");
    shepherd.send_recorded("shepherd_gamestate_hypothermia_start");
    CHECK(control.robot().dehydration_until == start + 10 * second);
    CHECK(control.robot().hypothermia);
    shepherd.send_recorded("shepherd_gamestate_hypothermia_end");
    CHECK_FALSE(control.robot().hypothermia);
    shepherd.send_recorded("shepherd_mode_idle");
    control.left(Client::field_control, start);
    CHECK(control.robot().mode == runtime::RunMode::idle);
    CHECK(control.robot().poison_ivy_until == 0);
    CHECK(control.robot().start_position == StartPosition::right);
    CHECK(shepherd.faults.empty());
}

TEST_CASE("the driver station is told when it may not start the robot") {
    auto control = new_control();
    Line dawn(control);
    Line shepherd(control);
    dawn.send_recorded("dawn_ident");
    shepherd.send_recorded("shepherd_ident");
    dawn.send_recorded("dawn_mode_auto");
    CHECK(dawn.notices == std::vector<Control::Notice>{Control::Notice::mode_refused});
    CHECK(control.robot().mode == runtime::RunMode::idle);
}

TEST_CASE("the same session one byte at a time is the same session") {
    auto control = new_control();
    Line dawn(control);
    const auto session = packet(5, "") + packet(6, "") + "\1" + recorded_packet("dawn_mode_teleop") +
                         recorded_packet("dawn_inputs_gamepad_axes") + recorded_packet("dawn_ping");
    CHECK(dawn.send(session, start, 1));
    CHECK(control.robot().mode == runtime::RunMode::teleop);
    CHECK(control.inputs().gamepad_axes[0] == 1);
    CHECK(dawn.times_requested.size() == 1);
}

TEST_CASE("bad packets are reported, and the next good one counts") {
    auto control = new_control();
    Line dawn(control);
    dawn.send_recorded("dawn_ident");
    CHECK(dawn.send(packet(77, "abc")));
    CHECK(dawn.send(packet(0, "\x08\x09")));
    CHECK(dawn.send(packet(0, "\xFF")));
    CHECK(dawn.send(packet(4, "")));
    CHECK(dawn.send(packet(5, std::string(60000, '\0'))));
    CHECK(dawn.faults.size() == 5);
    dawn.send_recorded("dawn_mode_teleop");
    CHECK(control.robot().mode == runtime::RunMode::teleop);
}

TEST_CASE("who is not a client or not welcome is to be closed, and changes nothing") {
    auto control = new_control();
    Line stranger(control);
    CHECK_FALSE(stranger.send("\x16\x03\x01" + recorded_packet("dawn_mode_teleop")));
    Line unwelcome(control);
    unwelcome.welcome = false;
    CHECK_FALSE(unwelcome.send(std::string("\0", 1) + recorded_packet("shepherd_mode_auto")));
    CHECK(control.robot().mode == runtime::RunMode::idle);
    CHECK_FALSE(control.robot().field_control_connected);
}

TEST_CASE("a packet that does not become whole is known since it began") {
    auto control = new_control();
    Line dawn(control);
    dawn.send_recorded("dawn_ident", start);
    CHECK(dawn.conversation().incomplete_since() == 0);
    dawn.send(std::string("\5\4", 2), start + 5);
    dawn.send(std::string("\0a", 2), start + 9);
    CHECK(dawn.conversation().incomplete_since() == start + 5);
    dawn.send(std::string("bcd\0\2", 5), start + 11);
    CHECK(dawn.conversation().incomplete_since() == start + 11);
    dawn.send(std::string("\0\10\2", 3), start + 12);
    CHECK(dawn.conversation().incomplete_since() == 0);
    CHECK(control.robot().mode == runtime::RunMode::teleop);
}

TEST_CASE("when the driver station goes, its inputs go") {
    auto control = new_control();
    Line dawn(control);
    dawn.send_recorded("dawn_ident");
    dawn.send_recorded("dawn_mode_teleop");
    dawn.send_recorded("dawn_inputs_gamepad_all_buttons");
    control.left(Client::driver_station, start + 1);
    CHECK(control.robot().mode == runtime::RunMode::idle);
    CHECK_FALSE(control.robot().gamepad_connected);
    CHECK(control.inputs().gamepad_buttons == 0);
}

TEST_CASE("stale inputs do not change the mode") {
    auto control = new_control();
    Line dawn(control);
    dawn.send_recorded("dawn_ident");
    dawn.send_recorded("dawn_mode_teleop");
    dawn.send_recorded("dawn_inputs_gamepad_axes");
    control.advance(start + 500 * millisecond);
    CHECK_FALSE(control.robot().gamepad_connected);
    CHECK(control.robot().mode == runtime::RunMode::teleop);
    dawn.send_recorded("dawn_inputs_gamepad_axes", start + second);
    CHECK(control.robot().gamepad_connected);
}
