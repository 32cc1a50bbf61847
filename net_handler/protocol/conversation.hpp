#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "net_handler/protocol/control.hpp"
#include "net_handler/protocol/framing.hpp"
#include "net_handler/protocol/messages.hpp"

namespace runtime::net {

/// Who runs a connection, as its conversation sees it.
class ConversationEvents {
  public:
    virtual ~ConversationEvents() = default;
    /// The client has said who it is. False: it is not welcome, nothing more of it is looked at.
    virtual bool identified(Client client) = 0;
    /// The driver station asks for the time and wants the answer at once.
    virtual void time_requested(const TimeRequest& request) = 0;
    /// A command was carried out, or refused, and people are told.
    virtual void noticed(Client client, const Command& command, Control::Notice notice) = 0;
    /// A packet was dropped or corrected.
    virtual void faulty(std::uint8_t packet_type, std::size_t size, std::string_view fault) = 0;
};

/// One connection's side of the protocol without the connection: bytes and time in, commands out to
/// `control`, the rest to `events`.
class Conversation {
  public:
    Conversation(Control& control, ConversationEvents& events) noexcept
        : control_(control), events_(events) {}

    /// Where the next bytes of the client go; never empty.
    std::span<std::uint8_t> space() noexcept { return reader_.space(); }
    /// `count` bytes of space() were received at `time`. False: the connection is to be closed.
    bool receive(std::size_t count, Nanoseconds time);

    /// Nothing until the client has said who it is.
    std::optional<Client> client() const noexcept { return client_; }
    /// Since when the client owes the rest of a packet; 0: it owes none.
    Nanoseconds incomplete_since() const noexcept { return incomplete_since_; }

  private:
    void receive_packet(Nanoseconds time);

    Control& control_;
    ConversationEvents& events_;
    PacketReader reader_;
    MessageDecoder decoder_;
    std::optional<Client> client_;
    Nanoseconds incomplete_since_ = 0;
};

}  // namespace runtime::net
