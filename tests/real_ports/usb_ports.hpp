#pragma once
#include <string>

namespace runtime::test {

/// Plugs the USB serial ports of the virtual machine in and out: CDC-ACM ports, which are gadgets on an
/// emulated controller inside the guest (dummy_hcd), and FTDI bridges, which are devices of the emulator
/// (QMP). A port is called by the serial number that the host's kernel sees: "acm0" …, "ftdi0" …
class UsbPorts {
  public:
    /// Opens the connection to the emulator's monitor. Throws std::runtime_error.
    UsbPorts();
    ~UsbPorts();
    UsbPorts(const UsbPorts&) = delete;
    UsbPorts& operator=(const UsbPorts&) = delete;

    /// Where the device behind the port reads and writes.
    static std::string device_side(const std::string& port);
    /// Whether the device behind the port must have gone before the port is unplugged. The emulator
    /// (QEMU 7.2) crashes when a byte reaches one of its bridges that is about to go.
    static bool must_be_quiet(const std::string& port);
    /// Returns once the kernel no longer has the port. Throws std::runtime_error.
    void unplug(const std::string& port);
    /// Returns once the emulated hardware has it; the kernel may still be finding it. Throws
    /// std::runtime_error.
    void plug(const std::string& port);
    /// Whether the host's kernel has a USB device of this name.
    static bool present(const std::string& port);

  private:
    /// Sends a command of the monitor and returns the line that answers it.
    std::string ask(const std::string& command);
    std::string next_line();
    void remove_bridge(const std::string& port);

    int monitor_ = -1;
    std::string received_;
};

}  // namespace runtime::test
