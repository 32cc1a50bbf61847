#include "dev_handler/port.hpp"

#include <fcntl.h>
#include <libserialport.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string_view>

#include "dev_handler/driver_options.hpp"
#include "dev_handler/passing_thread.hpp"
#include "shm_wrapper/futex.hpp"

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

/// How long a close may wait for what was written last: the RST of a device whose name went away.
constexpr long close_patience = 20 * millisecond;

/// While it lives, a signal interrupts every millisecond what the calling thread waits for in the kernel,
/// from the patience of a close on.
class Interruptions {
  public:
    Interruptions() noexcept {
        struct sigaction action {};
        action.sa_handler = [](int) {};
        sigaction(SIGRTMIN, &action, nullptr);
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGRTMIN);
        pthread_sigmask(SIG_UNBLOCK, &set, &mask_before_);
        sigevent event{};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = SIGRTMIN;
        event._sigev_un._tid = gettid();  // glibc 2.36 has no other name for it
        // Without a timer the close waits; a dead descriptor that is kept would be worse.
        made_ = timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
        constexpr itimerspec every_millisecond{{0, millisecond}, {0, close_patience}};
        if (made_)
            timer_settime(timer_, 0, &every_millisecond, nullptr);
    }
    ~Interruptions() {
        if (made_)
            timer_delete(timer_);
        pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
    }
    Interruptions(const Interruptions&) = delete;
    Interruptions& operator=(const Interruptions&) = delete;

  private:
    sigset_t mask_before_{};
    timer_t timer_{};
    bool made_ = false;
};

/// Ports that are being closed.
std::atomic<std::uint32_t> closings{0};

/// What was written last leaves, or is dropped: a signal ends the wait. Without drop_output_at_close() it is
/// the close that waits, while nobody can open the port again. Linux closes in any case.
void close_interrupted(int descriptor) {
    {
        const Interruptions interruptions;
        tcdrain(descriptor);
        ::close(descriptor);
    }
    closings.fetch_sub(1);
    futex::wake(closings);
}

}  // namespace

std::optional<PortIdentity> port_identity(const std::string& path) noexcept {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0 || !S_ISCHR(status.st_mode))
        return std::nullopt;
    return PortIdentity{status.st_dev, status.st_ino, status.st_rdev};
}

std::optional<PortIdentity> Port::identity() const noexcept {
    struct stat status {};
    if (descriptor_ < 0 || fstat(descriptor_, &status) != 0)
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
    if (kind_ == PortKind::pseudo_terminal) {
        ::close(descriptor);
        return;
    }
    closings.fetch_add(1);
    if (!in_passing_thread([descriptor] { close_interrupted(descriptor); }))
        close_interrupted(descriptor);
}

void Port::await_closings(Nanoseconds deadline) noexcept {
    for (std::uint32_t count = closings.load(); count != 0 && now() < deadline; count = closings.load())
        futex::wait(closings, count, deadline);
}

void Port::drop_unsent() const noexcept {
    tcflush(descriptor_, TCOFLUSH);
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
    Port port(descriptor, kind);
    error = set_raw(descriptor);
    if (error != 0)
        return {};
    if (!pseudo) {
        ioctl(descriptor, TIOCEXCL);
        hand_input_on_at_once(descriptor);
    }
    tcflush(descriptor, TCIOFLUSH);
    return port;
}

}  // namespace runtime::dev_handler
