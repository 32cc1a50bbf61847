#include "tests/virtual_devices/receiver.hpp"

#include <algorithm>
#include <cstring>

namespace runtime::virtual_devices {

void Receiver::push(std::span<const std::uint8_t> bytes) noexcept {
    const std::size_t count = std::min(bytes.size(), bytes_.size() - size_);
    std::copy_n(bytes.begin(), count, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += count;
}

void Receiver::drop(std::size_t count) noexcept {
    std::memmove(bytes_.data(), bytes_.data() + count, size_ - count);
    size_ -= count;
}

void Receiver::clear() noexcept {
    size_ = 0;
    expected_ = 0;
    lone_since_ = 0;
}

Receiver::Result Receiver::start_frame(Nanoseconds time) noexcept {
    const std::uint8_t* begin = bytes_.data();
    const std::uint8_t* delimiter = std::find(begin, begin + size_, std::uint8_t{0});
    const bool garbage = delimiter != begin;
    drop(static_cast<std::size_t>(delimiter - begin));
    if (size_ == 0)
        return garbage ? Result::bad : Result::nothing;
    if (size_ == 1) {
        if (lone_since_ == 0)
            lone_since_ = time;
        if (time - lone_since_ < lone_delimiter_limit)
            return Result::nothing;
        lone_since_ = 0;
        drop(1);
        return Result::bad;
    }
    lone_since_ = 0;
    if (bytes_[1] == 0) {
        drop(1);
        return Result::bad;
    }
    expected_ = bytes_[1];
    frame_started_ = time;
    drop(2);
    return Result::nothing;
}

Receiver::Result Receiver::next(Nanoseconds time, Message& message) noexcept {
    if (expected_ == 0) {
        const Result result = start_frame(time);
        if (expected_ == 0)
            return result;
    }
    if (size_ < expected_) {
        if (time - frame_started_ < patience)
            return Result::nothing;
        expected_ = 0;
        size_ = 0;
        return Result::bad;
    }
    const auto decoded = decode({bytes_.data(), expected_}, decoded_);
    drop(expected_);
    expected_ = 0;
    if (!decoded)
        return Result::bad;
    message = *decoded;
    return Result::message;
}

}  // namespace runtime::virtual_devices
