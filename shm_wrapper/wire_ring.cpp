#include "shm_wrapper/wire_ring.hpp"

#include <algorithm>
#include <cstring>

namespace runtime {
namespace {

using WireWords = std::array<std::uint64_t, sizeof(WireRecord) / 8>;

bool read_entry(const WireBlock::Entry& entry, std::uint64_t index, WireRecord& record) noexcept {
    const std::uint64_t whole = 2 * index + 2;
    if (entry.stamp.load(std::memory_order_acquire) != whole)
        return false;
    WireWords words;
    for (std::size_t i = 0; i < words.size(); ++i)
        words[i] = entry.words[i].load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (entry.stamp.load(std::memory_order_relaxed) != whole)
        return false;
    std::memcpy(&record, words.data(), sizeof record);
    return true;
}

}  // namespace

void record_frame(WireBlock& block, std::size_t slot, WireDirection direction, const DeviceIdentity& device,
                  std::span<const std::uint8_t> frame, bool sound, Nanoseconds time) noexcept {
    WireRecord record{};
    record.time = time;
    record.uid = device.uid;
    record.generation = device.generation;
    record.type = device.type;
    record.length = static_cast<std::uint8_t>(std::min(frame.size(), WireRecord::frame_size));
    record.sound = sound;
    std::copy_n(frame.begin(), record.length, record.frame.begin());
    WireWords words;
    std::memcpy(words.data(), &record, sizeof record);

    auto& ring = block.rings[slot][static_cast<std::size_t>(direction)];
    const std::uint64_t index = ring.next.load(std::memory_order_relaxed);
    auto& entry = ring.entries[index % WireBlock::capacity];
    entry.stamp.store(2 * index + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (std::size_t i = 0; i < words.size(); ++i)
        entry.words[i].store(words[i], std::memory_order_relaxed);
    entry.stamp.store(2 * index + 2, std::memory_order_release);
    ring.next.store(index + 1, std::memory_order_release);
}

std::vector<WireRecord> read_frames(const WireBlock& block, std::size_t slot, WireDirection direction) {
    const auto& ring = block.rings[slot][static_cast<std::size_t>(direction)];
    const std::uint64_t next = ring.next.load(std::memory_order_acquire);
    std::vector<WireRecord> records;
    for (std::uint64_t index = next - std::min<std::uint64_t>(next, WireBlock::capacity); index < next;
         ++index)
        if (WireRecord record{}; read_entry(ring.entries[index % WireBlock::capacity], index, record))
            records.push_back(record);
    return records;
}

}  // namespace runtime
