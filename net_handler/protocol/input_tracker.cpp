#include "net_handler/protocol/input_tracker.hpp"

#include <algorithm>

namespace runtime::net {
namespace {

// The mean of the first intervals; then a running mean that follows a longer interval faster than a shorter
// one, since packets of a wireless link come in bursts and a short burst says nothing about the habit.
constexpr int intervals_before_judging = 4;
constexpr int intervals_averaged = 8;
constexpr Nanoseconds share_of_longer = 4;
constexpr Nanoseconds share_of_shorter = 16;

}  // namespace

void UsualInterval::observe(Nanoseconds interval) noexcept {
    // A pause that made the inputs stale is not a habit, but a driver station that has become slower is.
    interval = std::min(interval, limit());
    observed_ = std::min(observed_ + 1, intervals_averaged + 1);
    if (observed_ <= intervals_averaged)
        mean_ += (interval - mean_) / observed_;
    else
        mean_ += (interval - mean_) / (interval > mean_ ? share_of_longer : share_of_shorter);
}

Nanoseconds UsualInterval::limit() const noexcept {
    if (observed_ < intervals_before_judging)
        return stale_maximum;
    return std::clamp(stale_intervals * mean_, stale_minimum, stale_maximum);
}

void InputTracker::reset(Nanoseconds time) noexcept {
    *this = InputTracker();
    inputs_.time = time;
    heard_ = time;
}

void InputTracker::heard(Nanoseconds time) noexcept {
    advance(time);
    heard_ = time;
}

void InputTracker::receive(const InputsCommand& command, Nanoseconds time) noexcept {
    heard(time);
    if (inputs_received_ != 0)
        interval_.observe(time - inputs_received_);
    inputs_received_ = time;
    inputs_.time = time;
    if (command.gamepad && command.keyboard)
        lists_all_sources_ = true;
    if (command.gamepad) {
        gamepad_listed_ = time;
        drop_gamepad();
        if (command.gamepad->connected) {
            inputs_.gamepad_connected = true;
            inputs_.gamepad_buttons = command.gamepad->buttons;
            inputs_.gamepad_axes = command.gamepad->axes;
        }
    }
    if (command.keyboard) {
        keyboard_listed_ = time;
        drop_keyboard();
        if (command.keyboard->connected) {
            inputs_.keyboard_connected = true;
            inputs_.keyboard_keys = command.keyboard->keys;
        }
    }
    if (command.empty) {
        drop_gamepad();
        drop_keyboard();
    }
}

bool InputTracker::advance(Nanoseconds time) noexcept {
    const bool gamepad = inputs_.gamepad_connected;
    const bool keyboard = inputs_.keyboard_connected;
    const bool stale = time >= stale_at();
    if (gamepad && (stale || time >= gamepad_listed_ + not_listed_limit))
        drop_gamepad();
    if (keyboard && (stale || (lists_all_sources_ && time >= keyboard_listed_ + not_listed_limit)))
        drop_keyboard();
    return gamepad != inputs_.gamepad_connected || keyboard != inputs_.keyboard_connected;
}

Nanoseconds InputTracker::deadline() const noexcept {
    if (!any_connected())
        return 0;
    Nanoseconds deadline = stale_at();
    if (inputs_.gamepad_connected)
        deadline = std::min(deadline, gamepad_listed_ + not_listed_limit);
    if (inputs_.keyboard_connected && lists_all_sources_)
        deadline = std::min(deadline, keyboard_listed_ + not_listed_limit);
    return deadline;
}

void InputTracker::drop_gamepad() noexcept {
    inputs_.gamepad_connected = false;
    inputs_.gamepad_buttons = 0;
    inputs_.gamepad_axes = {};
}

void InputTracker::drop_keyboard() noexcept {
    inputs_.keyboard_connected = false;
    inputs_.keyboard_keys = 0;
}

}  // namespace runtime::net
