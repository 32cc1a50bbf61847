#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "shm_wrapper/wire_ring.hpp"

namespace runtime::dev_handler {

/// The last frames of a line, in each direction, from before its device was known and had a slot in whose
/// black box they could stand: the handshake, and what went wrong before it. Never allocates.
class EarlyFrames {
  public:
    static constexpr std::size_t capacity = 8;

    void add(WireDirection direction, std::span<const std::uint8_t> frame, bool sound,
             Nanoseconds time) noexcept {
        Ring& ring = rings_[static_cast<std::size_t>(direction)];
        Early& early = ring.frames[ring.count++ % capacity];
        early.sound = sound;
        early.time = time;
        early.size = std::min(frame.size(), early.bytes.size());
        std::copy_n(frame.begin(), early.size, early.bytes.begin());
    }
    void clear() noexcept {
        for (Ring& ring : rings_)
            ring.count = 0;
    }
    /// Moves them to the black box of a slot, oldest first.
    void record(WireBlock& wire, std::size_t slot, const DeviceIdentity& device) noexcept {
        for (const auto direction : {WireDirection::from_device, WireDirection::to_device}) {
            const Ring& ring = rings_[static_cast<std::size_t>(direction)];
            for (std::size_t i = ring.count - std::min(ring.count, capacity); i < ring.count; ++i) {
                const Early& early = ring.frames[i % capacity];
                record_frame(wire, slot, direction, device, std::span(early.bytes).first(early.size),
                             early.sound, early.time);
            }
        }
        clear();
    }

  private:
    struct Early {
        bool sound;
        Nanoseconds time;
        std::size_t size;
        std::array<std::uint8_t, WireRecord::frame_size> bytes;
    };
    struct Ring {
        std::array<Early, capacity> frames{};
        std::size_t count = 0;
    };
    std::array<Ring, 2> rings_;  ///< by direction
};

}  // namespace runtime::dev_handler
