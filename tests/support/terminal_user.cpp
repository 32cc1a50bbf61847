#include "tests/support/terminal_user.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "tests/support/robot.hpp"

namespace runtime::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds repeat_period{30};

int milliseconds_until(Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return left < 0 ? 0 : static_cast<int>(left);
}

}  // namespace

TerminalUser::TerminalUser(const std::string& name, std::vector<std::string> arguments, unsigned short rows,
                           unsigned short columns) {
    const winsize size{rows, columns, 0, 0};
    if (openpty(&terminal_, &keyboard_, nullptr, nullptr, &size) != 0)
        throw std::runtime_error("openpty");
    fcntl(terminal_, F_SETFD, FD_CLOEXEC);
    fcntl(keyboard_, F_SETFD, FD_CLOEXEC);
    arguments.insert(arguments.begin(), program(name));
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (auto& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent || login_tty(dup(keyboard_)) != 0)
            _exit(127);
        execv(pointers[0], pointers.data());
        _exit(127);
    }
}

TerminalUser::~TerminalUser() {
    let_go();
    if (!status_) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(terminal_);
    close(keyboard_);
}

void TerminalUser::type(const std::string& keys) const {
    if (write(terminal_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
        throw std::runtime_error("the terminal takes no more keys");
}

void TerminalUser::hold(const std::string& key) {
    let_go();
    held_ = key;
    repeater_ = std::thread(&TerminalUser::repeat, this);
}

void TerminalUser::repeat() {
    std::unique_lock lock(mutex_);
    do
        type(held_);
    while (!changed_.wait_for(lock, repeat_period, [&] { return held_.empty(); }));
}

void TerminalUser::let_go() {
    {
        const std::lock_guard lock(mutex_);
        held_.clear();
    }
    changed_.notify_all();
    if (repeater_.joinable())
        repeater_.join();
}

void TerminalUser::resize(unsigned short rows, unsigned short columns) const {
    const winsize size{rows, columns, 0, 0};
    ioctl(terminal_, TIOCSWINSZ, &size);
}

void TerminalUser::signal(int number) const {
    kill(pid_, number);
}

bool TerminalUser::read_some(int wait_ms) {
    pollfd readable{terminal_, POLLIN, 0};
    if (poll(&readable, 1, wait_ms) <= 0)
        return false;
    std::array<char, 65536> buffer;
    const ssize_t length = read(terminal_, buffer.data(), buffer.size());
    if (length > 0)
        shown_.append(buffer.data(), static_cast<std::size_t>(length));
    return length > 0;
}

bool TerminalUser::sees(const std::string& text, std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    while (true) {
        if (const auto found = shown_.find(text, searched_); found != std::string::npos) {
            searched_ = found + text.size();
            return true;
        }
        const int left = milliseconds_until(deadline);
        if (left == 0)
            return false;
        read_some(left);
    }
}

std::optional<int> TerminalUser::wait(std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    while (!status_) {
        status_ = reap(pid_);
        if (status_)
            break;
        if (milliseconds_until(deadline) == 0)
            return std::nullopt;
        read_some(1);
    }
    while (read_some(0)) {
    }
    return status_;
}

termios TerminalUser::settings() const {
    termios result{};
    tcgetattr(keyboard_, &result);
    return result;
}

void TerminalUser::set(const termios& settings) const {
    tcsetattr(keyboard_, TCSANOW, &settings);
}

bool TerminalUser::fill() const {
    const int screen = open(ptsname(terminal_), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    const std::string spaces(4096, ' ');
    const bool full = wait_until([&] {
        // Again after a while: the kernel makes room once more when it hands the first bytes to the reading
        // side.
        while (write(screen, spaces.data(), spaces.size()) > 0) {
        }
        pollfd writable{screen, POLLOUT, 0};
        return poll(&writable, 1, 0) == 0;
    });
    close(screen);
    return full;
}

}  // namespace runtime::test
