#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "dev_handler/command_control.hpp"
#include "dev_handler/message.hpp"
#include "dev_handler/slots.hpp"
#include "shm_wrapper/block.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::dev_handler {

class DeviceLink;

/// "6_12345 (KoalaBear)": how a device is called in messages to people.
std::string device_name(std::uint8_t type, std::uint64_t uid, const DeviceTypes& types);

/// The connected devices as all others see them: the `devices` block, and who is behind each slot.
class Catalog {
  public:
    /// Takes over what an earlier dev_handler left; its devices are shown as not connected, but expected
    /// back.
    Catalog(BlockWriter<DevicesBlock>& block, const DeviceTypes& types);

    /// A refusal is counted.
    SlotTable::Claim connect(const Acknowledgement& device, std::string_view port, DeviceLink& link,
                             Nanoseconds time);
    /// Counts a device that was refused before it could ask for a slot.
    void count_unknown_type(Nanoseconds time);
    void disconnect(std::size_t slot, Nanoseconds time);
    /// Devices are disconnected from now on because this dev_handler ends: they are expected back.
    void end() noexcept { ending_ = true; }
    /// Publishes values; the generation is filled in here.
    void publish(std::size_t slot, DeviceData data);
    void publish(std::size_t slot, const LinkStatistics& statistics);

    /// Null where nothing is connected.
    DeviceLink* link(std::size_t slot) const noexcept { return links_[slot]; }
    const DeviceIdentity& identity(std::size_t slot) const noexcept { return table_.identity(slot); }
    const CommandControl::Slots& slots() const noexcept { return slots_; }
    std::size_t connected() const noexcept;

    /// Whether a slot has become free since the last call.
    bool take_freed() noexcept { return std::exchange(freed_, false); }
    /// Tells the student process, if anything it may wait for has changed since the last call. `waiting`: its
    /// word in the header of the `commands` block.
    void notify(const std::atomic<std::uint32_t>& waiting) noexcept;
    bool changed() const noexcept { return changed_; }

  private:
    void count_refused(std::uint64_t RefusedDevices::*counter, Nanoseconds time);

    BlockWriter<DevicesBlock>& block_;
    const DeviceTypes& types_;
    SlotTable table_;
    CommandControl::Slots slots_{};
    std::array<DeviceLink*, max_devices> links_{};
    bool changed_ = false;
    bool freed_ = false;
    bool ending_ = false;
};

}  // namespace runtime::dev_handler
