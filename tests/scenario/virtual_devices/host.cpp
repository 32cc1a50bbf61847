#include "tests/scenario/virtual_devices/host.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace runtime::test {

using namespace virtual_devices;

Host::Host(const std::string& port)
    : descriptor_(open(port.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
    if (descriptor_ < 0)
        throw std::runtime_error(port + ": " + std::strerror(errno));
}

Host::~Host() {
    close(descriptor_);
}

bool Host::send(MessageId id, std::span<const std::uint8_t> payload) const {
    const Frame frame = make_frame(id, payload);
    return write(descriptor_, frame.bytes.data(), frame.size) == static_cast<ssize_t>(frame.size);
}

bool Host::receive(int wait_ms) {
    pollfd waited{descriptor_, POLLIN, 0};
    if (poll(&waited, 1, wait_ms) <= 0)
        return false;
    std::array<std::uint8_t, 65536> buffer;
    const ssize_t length = read(descriptor_, buffer.data(), buffer.size());
    if (length > 0)
        bytes_.insert(bytes_.end(), buffer.begin(), buffer.begin() + length);
    else
        hung_up_ = length == 0 || errno != EAGAIN;
    return length > 0;
}

std::optional<Message> Host::take() {
    while (true) {
        bytes_.erase(bytes_.begin(), std::ranges::find(bytes_, 0));
        if (bytes_.size() < 2 || bytes_.size() < 2U + bytes_[1])
            return std::nullopt;
        const std::size_t size = 2U + bytes_[1];
        const auto message = decode(std::span(bytes_).subspan(2, size - 2), buffer_);
        bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(message ? size : 1));
        if (message)
            return message;
        ++unsound_;
    }
}

std::optional<std::vector<std::uint8_t>> Host::await(MessageId id, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (true) {
        while (const auto message = take())
            if (message->id == static_cast<std::uint8_t>(id))
                return std::vector<std::uint8_t>(message->payload.begin(), message->payload.end());
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (hung_up_ || left.count() <= 0)
            return std::nullopt;
        receive(static_cast<int>(left.count()));
    }
}

bool Host::drain() {
    while (receive(0))
        bytes_.clear();
    return !hung_up_;
}

std::vector<std::uint8_t> write_of(unsigned parameter, float value) {
    std::vector<std::uint8_t> payload(8);
    const std::uint32_t bitmap = 1U << parameter;
    std::memcpy(payload.data(), &bitmap, 4);
    std::memcpy(payload.data() + 4, &value, 4);
    return payload;
}

}  // namespace runtime::test
