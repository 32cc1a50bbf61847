#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "net_handler/protocol/packet.hpp"

namespace runtime::net {

/// Finds the identity and the packets in what a client sends, however the bytes are cut. Allocates nothing.
///
///     auto space = reader.space();          // receive into it
///     reader.received(count);
///     while (reader.next() == PacketReader::Found::packet) … reader.type(), reader.payload() …
class PacketReader {
  public:
    enum class Found : std::uint8_t {
        nothing,       ///< more bytes are needed
        identity,      ///< once, before any packet: client() is known now
        packet,        ///< type() and payload() are valid until space() is called
        oversized,     ///< a packet longer than max_client_payload was skipped: type(), skipped_size()
        not_a_client,  ///< the connection does not start as a client's does; nothing more will be found
    };

    /// Where the next bytes go. Never empty when next() has said `nothing`.
    std::span<std::uint8_t> space() noexcept;
    /// `count` bytes of space() have been filled.
    void received(std::size_t count) noexcept { end_ += count; }
    Found next() noexcept;

    /// Nothing before the identity has been found.
    std::optional<Client> client() const noexcept { return client_; }
    std::uint8_t type() const noexcept { return type_; }
    std::span<const std::uint8_t> payload() const noexcept { return payload_; }
    std::size_t skipped_size() const noexcept { return skipped_size_; }
    /// Whether a packet has begun that has not come whole.
    bool in_packet() const noexcept { return end_ > begin_ || to_skip_ > 0; }

  private:
    Found find_identity() noexcept;
    bool skip() noexcept;
    std::size_t available() const noexcept { return end_ - begin_; }

    // Twice the longest packet, so that a read rarely has to be split and bytes are moved seldom.
    std::array<std::uint8_t, 2 * (header_size + max_client_payload)> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t to_skip_ = 0;
    std::size_t skipped_size_ = 0;
    std::optional<Client> client_;
    bool skipped_early_ = false;  ///< packets before the identity, which only a driver station sends
    bool refused_ = false;
    bool report_skipped_ = false;
    std::uint8_t type_ = 0;
    std::span<const std::uint8_t> payload_;
};

}  // namespace runtime::net
