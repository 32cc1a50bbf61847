#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "shm_wrapper/clock.hpp"

namespace runtime::dev_handler {

/// What a path leads to, symbolic links followed. Two equal identities are the same port.
struct PortIdentity {
    dev_t device = 0;
    ino_t inode = 0;
    dev_t number = 0;
    friend bool operator==(const PortIdentity&, const PortIdentity&) noexcept = default;
};

/// Nothing if the path does not exist or is not a character device.
std::optional<PortIdentity> port_identity(const std::string& path) noexcept;

enum class PortKind : std::uint8_t {
    pseudo_terminal,  ///< a virtual device
    usb_device,       ///< USB CDC (ttyACM): the line's speed has no meaning
    uart,             ///< behind a USB-UART bridge, or a real UART: 115200 baud
};

/// Bytes a second that a port of this kind carries; 0: the line is no bottleneck.
std::uint32_t line_speed(PortKind kind) noexcept;

/// An open port: a non-blocking descriptor in raw mode, with no input from before. The end of its life closes
/// it; a real port in a thread of its own, since a device that hangs can hold that up for seconds.
class Port {
  public:
    Port() noexcept = default;
    Port(int descriptor, PortKind kind) noexcept : descriptor_(descriptor), kind_(kind) {}
    Port(Port&& other) noexcept { *this = std::move(other); }
    Port& operator=(Port&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        std::swap(kind_, other.kind_);
        return *this;
    }
    ~Port() { close(); }

    /// What has not left the kernel has 20 ms to do so, and is dropped then.
    void close() noexcept;
    bool is_open() const noexcept { return descriptor_ >= 0; }
    int descriptor() const noexcept { return descriptor_; }
    PortKind kind() const noexcept { return kind_; }
    /// Of what was opened, whatever its path leads to meanwhile. Nothing if it is not open.
    std::optional<PortIdentity> identity() const noexcept;
    /// Forgets what was written but has not left the kernel, where the driver can: those of USB ports cannot,
    /// only close() does it there.
    void drop_unsent() const noexcept;
    /// Bytes that were written but have not left the kernel.
    std::size_t unsent() const noexcept;

    /// Waits until no port is being closed any more, at most until `deadline`: a program that ends before
    /// would leave the kernel to wait for output that a device does not take.
    static void await_closings(Nanoseconds deadline) noexcept;

  private:
    int descriptor_ = -1;
    PortKind kind_ = PortKind::pseudo_terminal;
};

/// Opens and configures a port: 115200 baud, 8N1, raw, no flow control. Real ports go through libserialport,
/// which refuses pseudo-terminals: those are opened directly. On failure the port is not open, and `error`
/// holds the errno. May wait in the kernel for a device that hangs.
Port open_port(const std::string& path, int& error);

}  // namespace runtime::dev_handler
