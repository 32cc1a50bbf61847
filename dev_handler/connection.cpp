#include "dev_handler/connection.hpp"

#include <algorithm>

namespace runtime::dev_handler {

void Connection::open(Nanoseconds time, Nanoseconds delay) noexcept {
    state_ = ConnectionState::opened;
    type_ = nullptr;
    streaming_unacknowledged_ = false;
    opened_ = time + delay;
    next_ping_ = opened_;
    decoder_.reset();
    data_ = {};
    statistics_ = {};
    unidentified_ = {};
}

Nanoseconds Connection::silence_deadline() const noexcept {
    return last_valid_ + silence_limit + Nanoseconds{type_->extra_silence_ms} * millisecond;
}

Nanoseconds Connection::deadline() const noexcept {
    switch (state_) {
        case ConnectionState::opened:
            return next_ping_;
        case ConnectionState::pinged:
            return std::min(next_ping_, opened_ + ping_limit);
        case ConnectionState::identified:
        case ConnectionState::active:
            return std::min(next_ping_, silence_deadline());
        case ConnectionState::lost:
            break;
    }
    return never;
}

Connection::Due Connection::advance(Nanoseconds time) noexcept {
    Due due;
    if (time < deadline() || state_ == ConnectionState::lost)
        return due;
    if (state_ == ConnectionState::pinged && time >= opened_ + ping_limit)
        due.lost = LossReason::unanswered;
    if (connected() && time >= silence_deadline())
        due.lost = LossReason::silence;
    if (due.lost) {
        state_ = ConnectionState::lost;
        return due;
    }
    if (time >= next_ping_) {
        due.ping = true;
        // A device that streams without having acknowledged was enabled before: our RST, or its answer to the
        // PING after it, got lost.
        due.reset = state_ == ConnectionState::opened || streaming_unacknowledged_;
        streaming_unacknowledged_ = false;
        if (state_ == ConnectionState::opened)
            state_ = ConnectionState::pinged;
        // Keeps the rhythm, but does not catch up after a pause.
        next_ping_ = std::max(next_ping_ + ping_period, time + ping_period / 2);
    }
    return due;
}

ConnectionEvent Connection::receive(std::span<const std::uint8_t>& bytes, Nanoseconds time) noexcept {
    if (state_ == ConnectionState::lost) {
        bytes = {};
        return {};
    }
    const auto before = bytes;
    const DecodedFrame frame = decoder_.next(bytes);
    const auto consumed = before.first(before.size() - bytes.size());
    statistics_.bytes_received += consumed.size();
    if (!connected()) {
        for (std::size_t i = 0; i < consumed.size() && unidentified_.bytes + i < unidentified_.sample.size();
             ++i)
            unidentified_.sample[unidentified_.bytes + i] = static_cast<char>(consumed[i]);
        unidentified_.bytes += consumed.size();
    }
    ConnectionEvent event = handle(frame, time);
    event.frame = frame.raw;
    return event;
}

void Connection::error(std::uint64_t LinkStatistics::*counter, Nanoseconds time) noexcept {
    ++(statistics_.*counter);
    statistics_.last_error = time;
}

ConnectionEvent Connection::lose(LossReason reason) noexcept {
    state_ = ConnectionState::lost;
    ConnectionEvent event;
    event.kind = ConnectionEvent::Kind::lost;
    event.reason = reason;
    return event;
}

ConnectionEvent Connection::handle(const DecodedFrame& frame, Nanoseconds time) noexcept {
    switch (frame.status) {
        case FrameStatus::none:
            return {};
        case FrameStatus::garbage:
            error(&LinkStatistics::resyncs, time);
            return {};
        case FrameStatus::bad_length:
        case FrameStatus::truncated:
        case FrameStatus::not_cobs:
            error(&LinkStatistics::bad_frames, time);
            return {};
        case FrameStatus::whole:
            break;
    }
    const Message message = parse_message(frame.message);
    switch (message.status) {
        case MessageStatus::bad_checksum:
            error(&LinkStatistics::bad_checksums, time);
            return {};
        case MessageStatus::bad_length:
            error(&LinkStatistics::bad_messages, time);
            return {};
        case MessageStatus::sound:
            break;
    }
    ++statistics_.frames_received;
    return connected() ? handle_connected(message, time) : handle_unidentified(message, time);
}

ConnectionEvent Connection::handle_unidentified(const Message& message, Nanoseconds time) noexcept {
    ++unidentified_.sound_frames;
    streaming_unacknowledged_ |= message.id == MessageId::device_data;
    // An acknowledgement before our RST and PING answers an earlier opening of the port.
    if (message.id != MessageId::acknowledgement || state_ != ConnectionState::pinged)
        return {};
    const auto acknowledgement = parse_acknowledgement(message.payload);
    if (!acknowledgement)
        return {};
    type_ = types_->find(acknowledgement->type);
    if (type_ == nullptr) {
        ConnectionEvent event = lose(LossReason::unknown_type);
        event.acknowledgement = *acknowledgement;
        return event;
    }
    state_ = ConnectionState::identified;
    // It streamed because it had not yet got our RST.
    streaming_unacknowledged_ = false;
    since_ = time;
    last_valid_ = time;
    ConnectionEvent event;
    event.kind = ConnectionEvent::Kind::identified;
    event.acknowledgement = *acknowledgement;
    return event;
}

ConnectionEvent Connection::handle_connected(const Message& message, Nanoseconds time) noexcept {
    ConnectionEvent event;
    switch (message.id) {
        case MessageId::device_data: {
            const auto reported = parse_device_data(message.payload, *type_, data_.values);
            if (!reported)
                break;
            state_ = ConnectionState::active;
            last_valid_ = time;
            data_.time = time;
            data_.received |= *reported;
            event.kind = ConnectionEvent::Kind::data;
            event.reported = *reported;
            return event;
        }
        case MessageId::log: {
            const auto text = parse_log(message.payload);
            if (!text)
                break;
            last_valid_ = time;
            event.kind = ConnectionEvent::Kind::log;
            event.text = *text;
            return event;
        }
        case MessageId::reset:
            return lose(LossReason::reset);
        case MessageId::acknowledgement:
            if (!parse_acknowledgement(message.payload))
                break;
            return lose(LossReason::restarted);
        case MessageId::ping:
        case MessageId::device_write:
        default:
            break;
    }
    error(&LinkStatistics::bad_messages, time);
    return event;
}

}  // namespace runtime::dev_handler
