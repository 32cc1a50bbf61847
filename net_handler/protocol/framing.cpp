#include "net_handler/protocol/framing.hpp"

#include <algorithm>
#include <cstring>

namespace runtime::net {
namespace {

constexpr auto driver_station = static_cast<std::uint8_t>(Client::driver_station);

bool may_precede_identity(std::uint8_t type) {
    // Dawn's queue can put whole packets of these types before its identity when connecting is slow.
    return type == static_cast<std::uint8_t>(PacketType::user_inputs) ||
           type == static_cast<std::uint8_t>(PacketType::time_stamps);
}

std::size_t length_at(const std::uint8_t* header) {
    return header[1] | static_cast<std::size_t>(header[2]) << 8;
}

}  // namespace

std::span<std::uint8_t> PacketReader::space() noexcept {
    if (begin_ == end_) {
        begin_ = end_ = 0;
    } else if (begin_ > 0 && buffer_.size() - begin_ < header_size + max_client_payload) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, available());
        end_ -= begin_;
        begin_ = 0;
    }
    return std::span(buffer_).subspan(end_);
}

bool PacketReader::skip() noexcept {
    const std::size_t count = std::min(to_skip_, available());
    begin_ += count;
    to_skip_ -= count;
    return to_skip_ == 0;
}

PacketReader::Found PacketReader::find_identity() noexcept {
    while (true) {
        if (!skip() || available() == 0)
            return Found::nothing;
        const std::uint8_t first = buffer_[begin_];
        if (first < client_count && !(skipped_early_ && first != driver_station)) {
            ++begin_;
            client_ = static_cast<Client>(first);
            return Found::identity;
        }
        if (!may_precede_identity(first)) {
            refused_ = true;
            return Found::not_a_client;
        }
        if (available() < header_size)
            return Found::nothing;
        to_skip_ = header_size + length_at(&buffer_[begin_]);
        skipped_early_ = true;
    }
}

PacketReader::Found PacketReader::next() noexcept {
    if (refused_)
        return Found::nothing;
    if (!client_)
        return find_identity();
    if (!skip())
        return Found::nothing;
    if (report_skipped_) {
        report_skipped_ = false;
        return Found::oversized;
    }
    if (available() < header_size)
        return Found::nothing;
    const std::size_t length = length_at(&buffer_[begin_]);
    if (length > max_client_payload) {
        type_ = buffer_[begin_];
        skipped_size_ = length;
        to_skip_ = header_size + length;
        report_skipped_ = true;
        return next();
    }
    if (available() < header_size + length)
        return Found::nothing;
    type_ = buffer_[begin_];
    payload_ = std::span(buffer_).subspan(begin_ + header_size, length);
    begin_ += header_size + length;
    return Found::packet;
}

}  // namespace runtime::net
