#pragma once
#include <array>
#include <cstdint>

#include "net_handler/station/key_names.hpp"
#include "shm_wrapper/clock.hpp"

namespace runtime::station {

/// How long a key counts as held after its first press. A terminal says nothing when a key is let go, and
/// repeats a held one only after a delay: 500 ms by default on most desktops (250 ms on the Linux console,
/// 660 ms on a bare X server, where a held key is let go for a moment before its repeats begin).
inline constexpr Nanoseconds first_hold = 600 * millisecond;
/// … and after each repeat. Repeats come every 25 to 50 ms; a wireless link may delay them.
inline constexpr Nanoseconds repeat_hold = 150 * millisecond;

/// Which keys of a terminal's keyboard count as held. No I/O, and the time comes in.
class HeldKeys {
  public:
    /// The terminal has sent the key, because it was pressed or because it repeats. `bit`: below key_count.
    void press(std::size_t bit, Nanoseconds time) noexcept;
    /// All keys are let go.
    void clear() noexcept { held_until_ = {}; }
    /// The keys that are held at this time, as bits.
    std::uint64_t at(Nanoseconds time) const noexcept;
    /// When the next key is let go if nothing comes; 0: none is held.
    Nanoseconds deadline(Nanoseconds time) const noexcept;

  private:
    std::array<Nanoseconds, key_count> held_until_{};
};

}  // namespace runtime::station
