#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "shm_wrapper/wire_ring.hpp"

namespace runtime::dev_handler {

/// The last frames of a line from before its device was known, and had a slot in whose black box they could
/// stand: the handshake, and what went wrong before it. Never allocates.
class EarlyFrames {
  public:
    static constexpr std::size_t capacity = 16;

    void add(WireDirection direction, std::span<const std::uint8_t> frame, bool sound,
             Nanoseconds time) noexcept {
        Early& early = frames_[count_++ % capacity];
        early.direction = direction;
        early.sound = sound;
        early.time = time;
        early.size = std::min(frame.size(), early.bytes.size());
        std::copy_n(frame.begin(), early.size, early.bytes.begin());
    }
    void clear() noexcept { count_ = 0; }
    /// Moves them to the black box of a slot, oldest first.
    void record(WireBlock& wire, std::size_t slot, std::uint32_t generation) noexcept {
        for (std::size_t i = count_ - std::min(count_, capacity); i < count_; ++i) {
            const Early& early = frames_[i % capacity];
            record_frame(wire, slot, early.direction, generation, std::span(early.bytes).first(early.size),
                         early.sound, early.time);
        }
        clear();
    }

  private:
    struct Early {
        WireDirection direction;
        bool sound;
        Nanoseconds time;
        std::size_t size;
        std::array<std::uint8_t, WireRecord::frame_size> bytes;
    };
    std::array<Early, capacity> frames_{};
    std::size_t count_ = 0;
};

}  // namespace runtime::dev_handler
