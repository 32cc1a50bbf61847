#include "dev_handler/port.hpp"

#include <fcntl.h>
#include <libserialport.h>
#include <linux/serial.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>

namespace runtime::dev_handler {
namespace {

constexpr int baud_rate = 115200;
constexpr std::uint32_t bits_per_byte = 10;  // 8N1: a start bit, 8, a stop bit
// Majors of the slave side of Unix 98 pseudo-terminals (Linux, Documentation/admin-guide/devices.txt).
constexpr unsigned first_pty_major = 136;
constexpr unsigned last_pty_major = 143;

PortKind kind_of(const std::string& canonical_path, dev_t number) {
    const unsigned major_number = major(number);
    if (major_number >= first_pty_major && major_number <= last_pty_major)
        return PortKind::pseudo_terminal;
    constexpr std::string_view usb_device_name = "/ttyACM";
    return canonical_path.find(usb_device_name) != std::string::npos ? PortKind::usb_device : PortKind::uart;
}

int set_raw(int descriptor) {
    termios settings{};
    if (tcgetattr(descriptor, &settings) != 0)
        return errno;
    cfmakeraw(&settings);
    settings.c_cflag |= CS8 | CREAD | CLOCAL;
    cfsetspeed(&settings, B115200);
    // So that a read of 0 bytes can only mean the end.
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    return tcsetattr(descriptor, TCSANOW, &settings) == 0 ? 0 : errno;
}

int open_pseudo_terminal(const std::string& path, int& error) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    error = descriptor < 0 ? errno : 0;
    return descriptor;
}

struct FreePort {
    void operator()(sp_port* port) const noexcept { sp_free_port(port); }
};
struct FreeConfig {
    void operator()(sp_port_config* config) const noexcept { sp_free_config(config); }
};

bool configure(sp_port* port) {
    sp_port_config* made = nullptr;
    if (sp_new_config(&made) != SP_OK)
        return false;
    const std::unique_ptr<sp_port_config, FreeConfig> config(made);
    // One call for all: each one is a transfer to the device.
    return sp_set_config_baudrate(made, baud_rate) == SP_OK && sp_set_config_bits(made, 8) == SP_OK &&
           sp_set_config_parity(made, SP_PARITY_NONE) == SP_OK && sp_set_config_stopbits(made, 1) == SP_OK &&
           sp_set_config_flowcontrol(made, SP_FLOWCONTROL_NONE) == SP_OK &&
           sp_set_config(port, made) == SP_OK;
}

int open_real(const std::string& path, int& error) {
    sp_port* made = nullptr;
    errno = 0;
    const auto failed = [&] {
        const int code = sp_last_error_code();
        error = code > 0 ? code : EIO;
        return -1;
    };
    if (sp_get_port_by_name(path.c_str(), &made) != SP_OK)
        return failed();
    const std::unique_ptr<sp_port, FreePort> port(made);
    if (sp_open(made, SP_MODE_READ_WRITE) != SP_OK)
        return failed();
    int own = -1;
    int descriptor = -1;
    if (configure(made) && sp_get_port_handle(made, &own) == SP_OK) {
        // From here on the descriptor is ours alone, as that of a pseudo-terminal is.
        descriptor = fcntl(own, F_DUPFD_CLOEXEC, 0);
        error = descriptor < 0 ? errno : 0;
    } else {
        failed();
    }
    sp_close(made);
    return descriptor;
}

/// Whether closing may still wait for unsent output afterwards.
bool set_driver_options(int descriptor) {
    ioctl(descriptor, TIOCEXCL);
    serial_struct settings{};
    if (ioctl(descriptor, TIOCGSERIAL, &settings) != 0)
        return true;
    // Bridges otherwise collect input for up to 16 ms.
    settings.flags = static_cast<int>(static_cast<unsigned>(settings.flags) | ASYNC_LOW_LATENCY);
    ioctl(descriptor, TIOCSSERIAL, &settings);
    // By default a close waits 30 s for a device that does not read. Not every user may change that.
    if (ioctl(descriptor, TIOCGSERIAL, &settings) != 0)
        return true;
    settings.closing_wait = ASYNC_CLOSING_WAIT_NONE;
    return ioctl(descriptor, TIOCSSERIAL, &settings) != 0;
}

}  // namespace

std::optional<PortIdentity> port_identity(const std::string& path) noexcept {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0 || !S_ISCHR(status.st_mode))
        return std::nullopt;
    return PortIdentity{status.st_dev, status.st_ino, status.st_rdev};
}

std::uint32_t line_speed(PortKind kind) noexcept {
    return kind == PortKind::uart ? baud_rate / bits_per_byte : 0;
}

void Port::close() noexcept {
    if (descriptor_ < 0)
        return;
    const int descriptor = std::exchange(descriptor_, -1);
    if (close_may_wait_) {
        tcflush(descriptor, TCOFLUSH);
        int left = 0;
        if (ioctl(descriptor, TIOCOUTQ, &left) == 0 && left > 0) {
            try {
                std::thread([descriptor] { ::close(descriptor); }).detach();
                return;
            } catch (const std::system_error&) {
                // No thread to be had: better to wait than to keep a dead descriptor.
            }
        }
    }
    ::close(descriptor);
}

std::size_t Port::unsent() const noexcept {
    int left = 0;
    if (descriptor_ < 0 || ioctl(descriptor_, TIOCOUTQ, &left) != 0 || left < 0)
        return 0;
    return static_cast<std::size_t>(left);
}

Port open_port(const std::string& path, int& error) {
    const auto identity = port_identity(path);
    if (!identity) {
        error = access(path.c_str(), F_OK) == 0 ? ENOTTY : ENOENT;
        return {};
    }
    const std::unique_ptr<char, decltype(&std::free)> resolved(realpath(path.c_str(), nullptr), &std::free);
    const std::string canonical = resolved ? resolved.get() : path;
    const PortKind kind = kind_of(canonical, identity->number);
    const bool pseudo = kind == PortKind::pseudo_terminal;
    const int descriptor = pseudo ? open_pseudo_terminal(canonical, error) : open_real(canonical, error);
    if (descriptor < 0)
        return {};
    Port port(descriptor, kind, !pseudo);
    error = set_raw(descriptor);
    if (error != 0)
        return {};
    if (!pseudo)
        port.close_may_wait(set_driver_options(descriptor));
    tcflush(descriptor, TCIOFLUSH);
    return port;
}

}  // namespace runtime::dev_handler
