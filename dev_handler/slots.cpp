#include "dev_handler/slots.hpp"

namespace runtime::dev_handler {

void SlotTable::restore(std::size_t slot, const DeviceIdentity& identity, Nanoseconds time) noexcept {
    identities_[slot] = identity;
    identities_[slot].port.back() = '\0';
    if (identity.connected)
        release_for_next(slot, time);
    else if (time < identity.expected_until)
        identities_[slot].expected_until = time + return_limit;
}

std::optional<std::size_t> SlotTable::best_free(std::uint64_t uid, std::uint8_t type) const noexcept {
    std::optional<std::size_t> best;
    for (std::size_t slot = 0; slot < max_devices; ++slot) {
        const DeviceIdentity& identity = identities_[slot];
        if (identity.connected)
            continue;
        if (identity.generation != 0 && identity.uid == uid && identity.type == type)
            return slot;
        // A slot that was never used has been free since 0.
        if (!best || identity.since < identities_[*best].since)
            best = slot;
    }
    return best;
}

SlotTable::Claim SlotTable::claim(std::uint64_t uid, std::uint8_t type, std::uint8_t year,
                                  Nanoseconds time) noexcept {
    for (std::size_t slot = 0; slot < max_devices; ++slot)
        if (identities_[slot].connected && identities_[slot].uid == uid && identities_[slot].type == type)
            return {Refusal::duplicate, slot};
    const auto slot = best_free(uid, type);
    if (!slot)
        return {Refusal::full, 0};
    DeviceIdentity& identity = identities_[*slot];
    identity.uid = uid;
    identity.type = type;
    identity.year = year;
    identity.since = time;
    identity.connected = true;
    identity.expected_until = 0;
    ++identity.generation;
    if (identity.generation == 0)  // 0 means "never used"
        identity.generation = 1;
    identity.port = {};
    return {Refusal::none, *slot};
}

void SlotTable::release(std::size_t slot, Nanoseconds time) noexcept {
    identities_[slot].connected = false;
    identities_[slot].since = time;
}

void SlotTable::release_for_next(std::size_t slot, Nanoseconds time) noexcept {
    release(slot, time);
    identities_[slot].expected_until = time + return_limit;
}

}  // namespace runtime::dev_handler
