#pragma once
/// The last frames on the wire of each device, readable while dev_handler runs and after its crash: the black
/// box of the serial lines.
#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "shm_wrapper/layout.hpp"

namespace runtime {

enum class WireDirection : std::uint8_t { from_device, to_device };

struct WireRecord {
    /// The longest frame of the serial protocol is 138 bytes.
    static constexpr std::size_t frame_size = 144;
    Nanoseconds time;
    std::uint64_t uid;         ///< of the device, as the type: the slot may have another one since
    std::uint32_t generation;  ///< of the slot's connection
    std::uint8_t type;
    std::uint8_t length;  ///< bytes of `frame` in use
    bool sound;           ///< false: dropped as faulty
    std::uint8_t reserved;
    std::array<std::uint8_t, frame_size> frame;  ///< as it stood on the wire

    std::span<const std::uint8_t> bytes() const noexcept {
        return std::span(frame).first(length <= frame_size ? length : frame_size);
    }
};
static_assert(sizeof(WireRecord) % 8 == 0);

/// Written by dev_handler. Nobody waits for it.
struct WireBlock {
    static constexpr std::string_view name = "wire";
    static constexpr std::uint32_t layout_version = 3;
    static constexpr std::size_t capacity = 128;  ///< records of a ring
    struct Entry {
        /// 2 * index + 1 while record `index` is written, 2 * index + 2 when it is whole.
        std::atomic<std::uint64_t> stamp;
        std::array<std::atomic<std::uint64_t>, sizeof(WireRecord) / 8> words;
    };
    struct Ring {
        std::atomic<std::uint64_t> next;  ///< the index of the record to be written next
        std::array<Entry, capacity> entries;
    };
    BlockHeader header;
    std::array<std::array<Ring, 2>, max_devices> rings;  ///< by slot and direction
};

/// Adds a frame to a ring, in place of the oldest. `device`: the identity of the slot. The one writer only;
/// never blocks, never allocates. What is longer than WireRecord::frame_size is cut.
void record_frame(WireBlock& block, std::size_t slot, WireDirection direction, const DeviceIdentity& device,
                  std::span<const std::uint8_t> frame, bool sound, Nanoseconds time) noexcept;

/// The records of a ring, oldest first; those that are being overwritten are left out.
std::vector<WireRecord> read_frames(const WireBlock& block, std::size_t slot, WireDirection direction);

}  // namespace runtime
