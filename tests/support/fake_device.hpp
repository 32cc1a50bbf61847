#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "tests/support/robot.hpp"
#include "tests/support/wire.hpp"

namespace runtime::test {

/// The device side of a pseudo-terminal whose host side is behind a symbolic link, as a port behind its name.
class FakePort {
  public:
    /// Plugs it in at `path`.
    explicit FakePort(std::string path);
    ~FakePort();
    FakePort(const FakePort&) = delete;
    FakePort& operator=(const FakePort&) = delete;

    /// Removes the name and hangs up.
    void unplug();
    const std::string& path() const noexcept { return path_; }
    int descriptor() const noexcept { return master_; }

    /// Writes all of it, waiting for room.
    void write(const Bytes& bytes) const;
    /// The next frame from the host, decoded; nothing if none came in time or the port is closed. A frame
    /// that does not decode counts in bad_frames() and is skipped.
    std::optional<WireMessage> read(std::chrono::milliseconds limit = patience);
    /// Skips frames until one with this id.
    std::optional<WireMessage> read_until(int id, std::chrono::milliseconds limit = patience);
    /// Whether the host's bytes ended one frame exactly where the next began, and each decoded.
    int bad_frames() const noexcept { return bad_frames_; }
    /// Reads whatever is there without waiting, and forgets it.
    void drain();

  private:
    bool read_some(int wait_ms);
    std::optional<Bytes> take_frame();

    std::string path_;
    int master_ = -1;
    int slave_ = -1;  ///< keeps the terminal alive while the host has it closed
    Bytes buffer_;
    int bad_frames_ = 0;
};

/// A device that answers as the protocol says, driven by a test step by step.
class FakeDevice : public FakePort {
  public:
    FakeDevice(std::string path, const DeviceType& type, std::uint64_t uid)
        : FakePort(std::move(path)), type_(type), uid_(uid) {}

    const DeviceType& type() const noexcept { return type_; }
    std::uint64_t uid() const noexcept { return uid_; }
    /// Waits for a PING and acknowledges it.
    bool acknowledge();
    /// Sends DEVICE_DATA.
    void send(const wire::ValueMap& values) const { write(wire::values(wire::device_data, type_, values)); }
    /// The next DEVICE_WRITE from the host; PINGs are skipped.
    std::optional<wire::ValueMap> next_write(std::chrono::milliseconds limit = patience);

  private:
    const DeviceType& type_;
    std::uint64_t uid_;
};

}  // namespace runtime::test
