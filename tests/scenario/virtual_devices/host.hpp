#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/virtual_devices/frames.hpp"

namespace runtime::test {

/// The host's end of a port, as bare as can be.
class Host {
  public:
    /// Throws std::runtime_error if the port cannot be opened.
    explicit Host(const std::string& port);
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host();

    int descriptor() const noexcept { return descriptor_; }
    /// Writes a frame in one piece. False if the port does not take it whole.
    bool send(virtual_devices::MessageId id, std::span<const std::uint8_t> payload = {}) const;
    /// Reads until a frame of this kind is there, and returns its payload. Sound frames of other kinds are
    /// skipped, what is unsound is counted. Nothing if none came in time, or the port hung up.
    std::optional<std::vector<std::uint8_t>> await(virtual_devices::MessageId id,
                                                   std::chrono::milliseconds limit = patience);
    /// Reads and forgets what is there; false once the port has hung up.
    bool drain();
    /// The bytes received and not yet looked at.
    const std::vector<std::uint8_t>& unread() const noexcept { return bytes_; }
    std::size_t unsound() const noexcept { return unsound_; }

  private:
    bool receive(int wait_ms);
    /// Takes the first whole frame out of the bytes.
    std::optional<virtual_devices::Message> take();

    int descriptor_;
    bool hung_up_ = false;
    std::vector<std::uint8_t> bytes_;
    virtual_devices::MessageBuffer buffer_{};
    std::size_t unsound_ = 0;
};

/// A DEVICE_WRITE's payload of one FLOAT.
std::vector<std::uint8_t> write_of(unsigned parameter, float value);

}  // namespace runtime::test
