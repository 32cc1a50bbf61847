// Two connections send anything, in any pieces, while time passes; connections end and begin again. Nothing
// may crash, and what reaches the blocks is always such that the robot can be driven with it.
#include "net_handler/protocol/conversation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>

using namespace runtime;
using namespace runtime::net;

namespace {

constexpr Nanoseconds start = 1000 * second;

void require(bool holds) {
    if (!holds)
        std::abort();
}

class Line;
/// The line of each kind of client: a second one replaces the first, as in the server.
using Current = std::array<Line*, client_count>;

class Line : public ConversationEvents {
  public:
    Line(Control& control, Current& current, Nanoseconds& time)
        : control_(control), current_(current), time_(time), conversation_(control, *this) {}
    ~Line() override { end(); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    bool send(std::span<const std::uint8_t> bytes) {
        while (!bytes.empty() && !replaced_) {
            const auto space = conversation_.space();
            require(!space.empty());
            const std::size_t count = std::min(space.size(), bytes.size());
            std::copy_n(bytes.begin(), count, space.begin());
            if (!conversation_.receive(count, time_))
                return false;
            bytes = bytes.subspan(count);
        }
        return true;
    }
    void end() noexcept {
        if (!client_ || replaced_)
            return;
        current_[index_of(*client_)] = nullptr;
        control_.left(*client_, time_);
    }

  private:
    bool identified(Client client) override {
        require(!client_);
        client_ = client;
        if (Line*& current = current_[index_of(client)]; current != nullptr) {
            Line* replaced = current;
            replaced->end();
            replaced->replaced_ = true;
        }
        current_[index_of(client)] = this;
        control_.arrived(client, time_);
        return true;
    }
    void time_requested(const TimeRequest& request) override {
        require(client_ == Client::driver_station);
        answer_.clear();
        append_time_stamps(answer_, request, 1);
    }
    void noticed(Client client, const Command&, Control::Notice notice) override {
        require(client == client_);
        require(notice != Control::Notice::mode_refused || client == Client::driver_station);
    }
    void faulty(std::uint8_t, std::size_t size, std::string_view fault) override {
        require(size <= max_payload && !fault.empty());
    }

    Control& control_;
    Current& current_;
    Nanoseconds& time_;
    Conversation conversation_;
    std::optional<Client> client_;
    bool replaced_ = false;
    std::vector<std::uint8_t> answer_;
};

void check(const Control& control, std::uint64_t& last_run, Nanoseconds time) {
    const RobotState robot = control.robot();
    const Inputs& inputs = control.inputs();
    require(robot.run_id >= last_run);
    last_run = robot.run_id;
    require(robot.mode <= runtime::RunMode::teleop && robot.start_position <= StartPosition::right);
    require(robot.mode != runtime::RunMode::idle ||
            (robot.poison_ivy_until == 0 && robot.dehydration_until == 0 && !robot.hypothermia));
    require(robot.gamepad_connected == inputs.gamepad_connected);
    require(robot.driver_station_connected || (!inputs.gamepad_connected && !inputs.keyboard_connected));
    require((inputs.gamepad_buttons & ~gamepad_buttons_mask) == 0);
    require((inputs.keyboard_keys & ~keyboard_keys_mask) == 0);
    for (const float axis : inputs.gamepad_axes)
        require(std::isfinite(axis) && std::abs(axis) <= 1);
    require(inputs.gamepad_connected || inputs.gamepad_axes == std::array<float, 4>{});
    require(control.deadline() == 0 || control.deadline() > time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Nanoseconds time = start;
    Control control(RobotState{}, time);
    Current current{};
    std::array<std::unique_ptr<Line>, 2> lines;
    for (auto& line : lines)
        line = std::make_unique<Line>(control, current, time);
    std::uint64_t last_run = 0;
    std::span<const std::uint8_t> rest(data, size);
    while (!rest.empty()) {
        const std::uint8_t step = rest[0];
        rest = rest.subspan(1);
        auto& line = lines[step >> 6 & 1];
        if ((step & 0x80) != 0) {
            const std::size_t count = std::min<std::size_t>(step & 0x3F, rest.size());
            if (!line->send(rest.first(count)))
                line = std::make_unique<Line>(control, current, time);
            rest = rest.subspan(count);
        } else if (step == 0x7F) {
            line = std::make_unique<Line>(control, current, time);
        } else {
            time += 10 * millisecond * (step & 0x3F);
            control.advance(time);
        }
        check(control, last_run, time);
    }
    return 0;
}
