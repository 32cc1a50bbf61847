#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "shm_wrapper/layout.hpp"

namespace runtime::dev_handler {

/// How long a device that was connected when a dev_handler ended is expected back after the start of the next
/// one: a board that resets when its port is opened is silent for 2 s, and pinged every 250 ms.
inline constexpr Nanoseconds return_limit = 3 * second;

/// Which device has which slot of the `devices` block. Pure.
class SlotTable {
  public:
    /// Goes on from what an earlier dev_handler left: its devices are gone and expected back, its generations
    /// are not used again. `slot`: below max_devices.
    void restore(std::size_t slot, const DeviceIdentity& identity, Nanoseconds time) noexcept;

    enum class Refusal : std::uint8_t {
        none,
        full,       ///< all slots have a connected device
        duplicate,  ///< a device of this type and uid is connected already
    };
    struct Claim {
        Refusal refusal = Refusal::none;
        std::size_t slot = 0;  ///< of the device; for a duplicate, of the one that is there
    };
    /// Finds a slot for a device: its own from before if that is free, else one that was never used, else the
    /// one that has been free for the longest time. On success the slot's identity is the device's,
    /// connected, of a new generation; the port is the caller's to fill.
    Claim claim(std::uint64_t uid, std::uint8_t type, std::uint8_t year, Nanoseconds time) noexcept;
    /// The device of the slot is gone.
    void release(std::size_t slot, Nanoseconds time) noexcept;
    /// The same, because this dev_handler ends: the next one will find the device.
    void release_for_next(std::size_t slot, Nanoseconds time) noexcept;

    DeviceIdentity& identity(std::size_t slot) noexcept { return identities_[slot]; }
    const DeviceIdentity& identity(std::size_t slot) const noexcept { return identities_[slot]; }

  private:
    std::optional<std::size_t> best_free(std::uint64_t uid, std::uint8_t type) const noexcept;

    std::array<DeviceIdentity, max_devices> identities_{};
};

}  // namespace runtime::dev_handler
