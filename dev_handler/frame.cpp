#include "dev_handler/frame.hpp"

#include <algorithm>

#include "dev_handler/cobs.hpp"

namespace runtime::dev_handler {

Frame encode_frame(std::span<const std::uint8_t> message) noexcept {
    Frame frame;
    const std::size_t length = cobs_encode(message, std::span(frame.bytes).subspan(2));
    frame.bytes[0] = delimiter;
    frame.bytes[1] = static_cast<std::uint8_t>(length);
    frame.size = length + 2;
    return frame;
}

void FrameDecoder::reset() noexcept {
    state_ = State::between;
    size_ = 0;
}

DecodedFrame FrameDecoder::finish(FrameStatus status) noexcept {
    DecodedFrame frame;
    frame.status = status;
    // raw_ is about to be used for the next frame, which a delimiter may have begun already.
    std::copy_n(raw_.begin(), size_, reported_.begin());
    frame.raw = std::span(reported_).first(size_);
    if (status == FrameStatus::whole) {
        if (const auto size = cobs_decode(frame.raw.subspan(2), message_))
            frame.message = std::span(message_).first(*size);
        else
            frame.status = FrameStatus::not_cobs;
    }
    size_ = 0;
    return frame;
}

DecodedFrame FrameDecoder::next(std::span<const std::uint8_t>& bytes) noexcept {
    while (!bytes.empty()) {
        const std::uint8_t byte = bytes.front();
        bytes = bytes.subspan(1);
        if (byte == delimiter) {
            DecodedFrame interrupted;
            if (state_ == State::body)
                interrupted = finish(FrameStatus::truncated);
            else if (state_ == State::length)
                interrupted = finish(FrameStatus::bad_length);
            raw_[0] = byte;
            size_ = 1;
            state_ = State::length;
            if (interrupted.status != FrameStatus::none)
                return interrupted;
            continue;
        }
        switch (state_) {
            case State::between:
                state_ = State::hunting;
                return finish(FrameStatus::garbage);
            case State::length:
                raw_[size_++] = byte;
                if (byte < min_encoded_size || byte > max_encoded_size) {
                    state_ = State::hunting;
                    return finish(FrameStatus::bad_length);
                }
                end_ = size_ + byte;
                state_ = State::body;
                break;
            case State::body:
                raw_[size_++] = byte;
                if (size_ == end_) {
                    state_ = State::between;
                    return finish(FrameStatus::whole);
                }
                break;
            case State::hunting: {
                const auto found = std::find(bytes.begin(), bytes.end(), delimiter);
                bytes = bytes.subspan(static_cast<std::size_t>(found - bytes.begin()));
                break;
            }
        }
    }
    return {};
}

}  // namespace runtime::dev_handler
