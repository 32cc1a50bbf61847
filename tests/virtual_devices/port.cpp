#include "tests/virtual_devices/port.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace runtime::virtual_devices {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

Descriptor checked(int value, const std::string& what) {
    if (value < 0)
        fail(what);
    return Descriptor(value);
}

bool points_to_terminal(const fs::path& link) {
    std::error_code ignored;
    return fs::is_symlink(fs::symlink_status(link, ignored)) &&
           fs::read_symlink(link, ignored).string().starts_with("/dev/pts/");
}

void make_raw(int terminal) {
    termios settings{};
    if (tcgetattr(terminal, &settings) != 0)
        return;
    cfmakeraw(&settings);
    cfsetspeed(&settings, B115200);
    tcsetattr(terminal, TCSANOW, &settings);
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
}

Descriptor::~Descriptor() {
    if (value_ >= 0)
        close(value_);
}

PortDirectory::PortDirectory(fs::path path)
    : path_(std::move(path)),
      made_(fs::create_directories(path_)),
      lock_(checked(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), path_.string())) {
    if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
        throw std::runtime_error("another virtual_devices has its ports in " + path_.string());
    for (const auto& entry : fs::directory_iterator(path_))
        if (entry.path().filename().string().starts_with("tty") && points_to_terminal(entry.path()))
            fs::remove(entry.path());
}

PortDirectory::~PortDirectory() {
    if (made_)
        rmdir(path_.c_str());
}

Port::Port(fs::path path, Kind kind) : kind_(kind), link_(std::move(path)) {
    if (kind_ == Kind::existing)
        attach();
    else
        make();
}

void Port::attach() {
    terminal_ = link_;
    master_ = checked(open(link_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), link_.string());
    if (isatty(master_.get()) != 0)
        make_raw(master_.get());
    // What was said to the port before is not for the device that is plugged in now.
    std::array<std::uint8_t, 4096> ignored;
    while (read(ignored) > 0) {
    }
}

void Port::make() {
    master_ = checked(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), "a new pseudo-terminal");
    if (grantpt(master_.get()) != 0 || unlockpt(master_.get()) != 0)
        fail("a new pseudo-terminal");
    std::array<char, 64> name{};
    if (ptsname_r(master_.get(), name.data(), name.size()) != 0)
        fail("a new pseudo-terminal");
    terminal_ = name.data();
    slave_ = checked(open(name.data(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), terminal_.string());
    make_raw(slave_.get());
    if (points_to_terminal(link_))
        fs::remove(link_);
    if (symlink(terminal_.c_str(), link_.c_str()) != 0)
        fail("link " + link_.string());
}

Port::~Port() {
    std::error_code ignored;
    if (kind_ == Kind::pseudo_terminal && fs::read_symlink(link_, ignored) == terminal_)
        fs::remove(link_, ignored);
}

std::size_t Port::read(std::span<std::uint8_t> buffer) noexcept {
    const ssize_t count = ::read(master_.get(), buffer.data(), buffer.size());
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::size_t Port::write(std::span<const std::uint8_t> bytes) noexcept {
    const ssize_t count = ::write(master_.get(), bytes.data(), bytes.size());
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void Port::clean() noexcept {
    if (kind_ == Kind::existing)
        return;
    tcflush(master_.get(), TCOFLUSH);
    tcflush(slave_.get(), TCIFLUSH);
    ioctl(slave_.get(), TIOCNXCL);
    make_raw(slave_.get());
}

OpenWatch::OpenWatch() : inotify_(checked(inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify")) {}

int OpenWatch::add(const Port& port) {
    const int key = inotify_add_watch(inotify_.get(), port.terminal().c_str(), IN_OPEN | IN_CLOSE);
    if (key < 0)
        fail("inotify watch of " + port.terminal().string());
    return key;
}

void OpenWatch::remove(int key) noexcept {
    inotify_rm_watch(inotify_.get(), key);
}

void OpenWatch::take(const std::function<void(int key, bool opened)>& changed) {
    alignas(inotify_event) std::array<char, 4096> buffer;
    ssize_t length = 0;
    while ((length = ::read(inotify_.get(), buffer.data(), buffer.size())) > 0) {
        for (ssize_t at = 0; at < length;) {
            inotify_event event;
            std::memcpy(&event, buffer.data() + at, sizeof(event));
            at += static_cast<ssize_t>(sizeof(event) + event.len);
            if ((event.mask & (IN_OPEN | IN_CLOSE)) != 0)
                changed(event.wd, (event.mask & IN_OPEN) != 0);
        }
    }
}

}  // namespace runtime::virtual_devices
