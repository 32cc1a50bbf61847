#pragma once
#include "net_handler/protocol/messages.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::net {

/// A source that is not listed for this long, while the driver station lists others, is gone.
inline constexpr Nanoseconds not_listed_limit = 500 * millisecond;
/// Inputs are stale when nothing has come for this many of the driver station's usual intervals, within these
/// bounds.
inline constexpr int stale_intervals = 5;
inline constexpr Nanoseconds stale_minimum = 100 * millisecond;
inline constexpr Nanoseconds stale_maximum = 500 * millisecond;

/// The usual time between two UserInputs of this driver station, learned from those that came: 20 ms to 100
/// ms with the known ones.
class UsualInterval {
  public:
    void observe(Nanoseconds interval) noexcept;
    /// How long nothing may come before the inputs are stale. The maximum until some intervals are known.
    Nanoseconds limit() const noexcept;

  private:
    int observed_ = 0;
    Nanoseconds mean_ = 0;
};

/// Which inputs count now. A source is gone when the driver station says so or goes, on an empty UserInputs,
/// when it is not listed for a while, and when nothing comes any more; it comes back when it is listed again.
class InputTracker {
  public:
    /// A driver station has come or gone: nothing is connected and nothing is known of its habits.
    void reset(Nanoseconds time) noexcept;
    /// Any packet of the driver station.
    void heard(Nanoseconds time) noexcept;
    /// A UserInputs (heard() included).
    void receive(const InputsCommand& command, Nanoseconds time) noexcept;
    /// A packet that only a driver station sends which lists all its sources in every message (Dawn 4): a
    /// keyboard that is not listed any more is then gone, too.
    void lists_all_sources() noexcept { lists_all_sources_ = true; }
    /// Lets time pass: true if a source went by it.
    bool advance(Nanoseconds time) noexcept;
    /// When advance() will next have something to do; 0: not until something comes.
    Nanoseconds deadline() const noexcept;

    const Inputs& inputs() const noexcept { return inputs_; }

  private:
    bool any_connected() const noexcept { return inputs_.gamepad_connected || inputs_.keyboard_connected; }
    void drop_gamepad() noexcept;
    void drop_keyboard() noexcept;
    Nanoseconds stale_at() const noexcept { return heard_ + interval_.limit(); }

    Inputs inputs_{};
    UsualInterval interval_;
    Nanoseconds heard_ = 0;
    Nanoseconds inputs_received_ = 0;  ///< 0: none yet
    Nanoseconds gamepad_listed_ = 0;
    Nanoseconds keyboard_listed_ = 0;
    bool lists_all_sources_ = false;
};

}  // namespace runtime::net
