#include "net_handler/protocol/conversation.hpp"

namespace runtime::net {

void Conversation::receive_packet(Nanoseconds time) {
    control_.heard(*client_, time);
    const Decoded decoded = decoder_.decode(*client_, reader_.type(), reader_.payload());
    if (!decoded.fault.empty())
        events_.faulty(reader_.type(), reader_.payload().size(), decoded.fault);
    if (!decoded.command)
        return;
    const auto notice = control_.handle(*client_, *decoded.command, time);
    if (notice != Control::Notice::none)
        events_.noticed(*client_, *decoded.command, notice);
    if (const auto* request = std::get_if<TimeRequest>(&*decoded.command))
        events_.time_requested(*request);
}

bool Conversation::receive(std::size_t count, Nanoseconds time) {
    reader_.received(count);
    bool whole = false;
    while (true) {
        switch (reader_.next()) {
            case PacketReader::Found::nothing:
                if (!reader_.in_packet())
                    incomplete_since_ = 0;
                else if (whole || incomplete_since_ == 0)
                    incomplete_since_ = time;
                return true;
            case PacketReader::Found::not_a_client:
                return false;
            case PacketReader::Found::identity:
                client_ = reader_.client();
                if (!events_.identified(*client_))
                    return false;
                break;
            case PacketReader::Found::packet:
                receive_packet(time);
                break;
            case PacketReader::Found::oversized:
                control_.heard(*client_, time);
                events_.faulty(reader_.type(), reader_.skipped_size(), "a packet longer than any real one");
                break;
        }
        whole = true;
    }
}

}  // namespace runtime::net
