#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace runtime::net {

/// The log lines that were sent and may not have arrived: those of packets that the other side's kernel has
/// not acknowledged to their end. No I/O, and bounded: with very many packets the last ones count as one.
class LinesUnderway {
  public:
    /// Gets the memory, so that nothing below allocates. Before anything is added.
    void reserve() { packets_.reserve(max_packets); }
    /// A packet with so many lines ends where so many bytes have been sent in all.
    void add(std::uint64_t lines, std::uint64_t end) {
        if (packets_.size() < max_packets)
            packets_.push_back({lines, end});
        else
            packets_.back() = {packets_.back().lines + lines, end};
    }
    /// So many bytes have arrived in all.
    void arrived(std::uint64_t bytes) {
        const auto missing = std::find_if(packets_.begin(), packets_.end(),
                                          [&](const Packet& packet) { return packet.end > bytes; });
        packets_.erase(packets_.begin(), missing);
    }
    std::uint64_t lines() const noexcept {
        std::uint64_t sum = 0;
        for (const auto& packet : packets_)
            sum += packet.lines;
        return sum;
    }

  private:
    /// More than a hundred a second leave within the time after which a silent link is given up.
    static constexpr std::size_t max_packets = 512;
    struct Packet {
        std::uint64_t lines;
        std::uint64_t end;
    };
    std::vector<Packet> packets_;
};

}  // namespace runtime::net
