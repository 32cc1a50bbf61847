#include "tests/support/fake_device.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace runtime::test {

FakePort::FakePort(std::string path) : path_(std::move(path)) {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    std::array<char, 64> name{};
    if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0 ||
        ptsname_r(master_, name.data(), name.size()) != 0)
        throw std::runtime_error("no pseudo-terminal");
    fcntl(master_, F_SETFL, O_NONBLOCK);
    slave_ = open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios settings{};
    tcgetattr(slave_, &settings);
    cfmakeraw(&settings);
    tcsetattr(slave_, TCSANOW, &settings);
    unlink(path_.c_str());
    if (symlink(name.data(), path_.c_str()) != 0)
        throw std::runtime_error("symlink");
}

FakePort::~FakePort() {
    unplug();
}

void FakePort::unplug() {
    if (master_ < 0)
        return;
    unlink(path_.c_str());
    close(master_);
    close(slave_);
    master_ = -1;
}

void FakePort::write(const Bytes& bytes) const {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t size = ::write(master_, bytes.data() + sent, bytes.size() - sent);
        if (size > 0) {
            sent += static_cast<std::size_t>(size);
        } else {
            pollfd wait{master_, POLLOUT, 0};
            if (poll(&wait, 1, 20'000) != 1)
                throw std::runtime_error("the host does not read");
        }
    }
}

bool FakePort::read_some(int wait_ms) {
    pollfd wait{master_, POLLIN, 0};
    if (poll(&wait, 1, wait_ms) != 1)
        return false;
    std::array<std::uint8_t, 4096> bytes{};
    const ssize_t size = ::read(master_, bytes.data(), bytes.size());
    if (size <= 0)
        return false;
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + size);
    return true;
}

std::optional<Bytes> FakePort::take_frame() {
    if (buffer_.size() < 2 || (buffer_[0] == 0 && buffer_.size() < 2U + buffer_[1]))
        return std::nullopt;
    if (buffer_[0] != 0) {
        ++bad_frames_;
        buffer_.erase(buffer_.begin(), std::find(buffer_.begin(), buffer_.end(), 0));
        return take_frame();
    }
    const auto end = buffer_.begin() + 2 + buffer_[1];
    Bytes frame(buffer_.begin(), end);
    buffer_.erase(buffer_.begin(), end);
    return frame;
}

std::optional<WireMessage> FakePort::read(std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (true) {
        while (const auto frame = take_frame()) {
            if (auto message = wire::decode(*frame))
                return message;
            ++bad_frames_;
        }
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        if (!read_some(static_cast<int>(std::max<long>(left, 0))) && left <= 0)
            return std::nullopt;
    }
}

std::optional<WireMessage> FakePort::read_until(int id, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (true) {
        const auto left = deadline - std::chrono::steady_clock::now();
        auto message = read(std::chrono::ceil<std::chrono::milliseconds>(left));
        if (!message || message->id == id)
            return message;
    }
}

void FakePort::drain() {
    while (read_some(0)) {
    }
    while (take_frame()) {
    }
}

bool FakeDevice::acknowledge() {
    if (!read_until(wire::ping))
        return false;
    write(wire::acknowledge(type_.number, uid_));
    return true;
}

std::optional<wire::ValueMap> FakeDevice::next_write(std::chrono::milliseconds limit) {
    const auto message = read_until(wire::device_write, limit);
    return message ? wire::parse_values(message->payload, type_) : std::nullopt;
}

}  // namespace runtime::test
