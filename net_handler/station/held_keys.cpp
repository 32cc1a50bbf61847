#include "net_handler/station/held_keys.hpp"

#include <algorithm>

namespace runtime::station {

void HeldKeys::press(std::size_t bit, Nanoseconds time) noexcept {
    if (bit >= key_count)
        return;
    const bool repeats = held_until_[bit] > time;
    // A second press within the first hold cannot be told from a repeat: it never shortens the hold.
    held_until_[bit] = std::max(held_until_[bit], time + (repeats ? repeat_hold : first_hold));
}

std::uint64_t HeldKeys::at(Nanoseconds time) const noexcept {
    std::uint64_t keys = 0;
    for (std::size_t bit = 0; bit < key_count; ++bit)
        if (held_until_[bit] > time)
            keys |= std::uint64_t{1} << bit;
    return keys;
}

Nanoseconds HeldKeys::deadline(Nanoseconds time) const noexcept {
    Nanoseconds next = 0;
    for (const Nanoseconds until : held_until_)
        if (until > time && (next == 0 || until < next))
            next = until;
    return next;
}

}  // namespace runtime::station
