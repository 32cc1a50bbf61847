#include "dev_handler/catalog.hpp"

#include <algorithm>
#include <utility>

#include "shm_wrapper/clock.hpp"

namespace runtime::dev_handler {

std::string device_name(std::uint8_t type, std::uint64_t uid, const DeviceTypes& types) {
    std::string name = std::to_string(type) + '_' + std::to_string(uid);
    if (const DeviceType* known = types.find(type))
        name.append(" (").append(known->name()).append(")");
    return name;
}

Catalog::Catalog(BlockWriter<DevicesBlock>& block, const DeviceTypes& types) : block_(block), types_(types) {
    const Nanoseconds time = now();
    for (std::size_t slot = 0; slot < max_devices; ++slot) {
        auto& cell = block_->slots[slot].identity;
        const DeviceIdentity left = cell.read();
        table_.restore(slot, left, time);
        if (left.connected || left.expected_until != 0) {
            cell.publish(table_.identity(slot));
            changed_ = true;
        }
    }
}

SlotTable::Claim Catalog::connect(const Acknowledgement& device, std::string_view port, DeviceLink& link,
                                  Nanoseconds time) {
    const auto claim = table_.claim(device.uid, device.type, device.year, time);
    if (claim.refusal != SlotTable::Refusal::none) {
        count_refused(claim.refusal == SlotTable::Refusal::duplicate ? &RefusedDevices::duplicate
                                                                     : &RefusedDevices::no_slot,
                      time);
        return claim;
    }
    DeviceIdentity& identity = table_.identity(claim.slot);
    const std::string_view shown = port.substr(0, identity.port.size() - 1);
    std::copy(shown.begin(), shown.end(), identity.port.begin());
    links_[claim.slot] = &link;
    slots_[claim.slot] = {types_.find(device.type), identity.generation};
    auto& slot = block_->slots[claim.slot];
    // The values of the generation before are never shown beside the new identity.
    DeviceData none{};
    none.generation = identity.generation;
    slot.data.publish(none);
    slot.statistics.publish({});
    slot.identity.publish(identity);
    changed_ = true;
    return claim;
}

void Catalog::count_unknown_type(Nanoseconds time) {
    count_refused(&RefusedDevices::unknown_type, time);
}

void Catalog::count_refused(std::uint64_t RefusedDevices::*counter, Nanoseconds time) {
    RefusedDevices refused = block_->refused.read();
    ++(refused.*counter);
    refused.last = time;
    block_->refused.publish(refused);
}

void Catalog::disconnect(std::size_t slot, Nanoseconds time) {
    if (ending_)
        table_.release_for_next(slot, time);
    else
        table_.release(slot, time);
    links_[slot] = nullptr;
    slots_[slot] = {};
    block_->slots[slot].identity.publish(table_.identity(slot));
    changed_ = true;
    freed_ = true;
}

void Catalog::publish(std::size_t slot, DeviceData data) {
    data.generation = table_.identity(slot).generation;
    block_->slots[slot].data.publish(data);
    changed_ = true;
}

void Catalog::publish(std::size_t slot, const LinkStatistics& statistics) {
    block_->slots[slot].statistics.publish(statistics);
}

std::size_t Catalog::connected() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(links_.begin(), links_.end(), [](const DeviceLink* link) { return link != nullptr; }));
}

void Catalog::notify(const std::atomic<std::uint32_t>& waiting) noexcept {
    if (std::exchange(changed_, false))
        block_->changed.notify(waiting);
}

}  // namespace runtime::dev_handler
