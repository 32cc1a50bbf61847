#include "shm_wrapper/terminal/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <stdexcept>

namespace runtime {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// The other screen, no cursor, no wrapping of long rows; and back.
constexpr std::string_view enter = "\x1B[?1049h\x1B[?25l\x1B[?7l\x1B[2J";
constexpr std::string_view leave = "\x1B[0m\x1B[?7h\x1B[?25h\x1B[?1049l";
/// How long a terminal that takes nothing (a dead line) may hold up the end, so many times.
constexpr int leave_limit_ms = 100;
constexpr int leave_attempts = 10;
constexpr ScreenSize usual_size{24, 80};
constexpr std::array fatal_signals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

// Of the one Terminal there is, for a signal handler to find.
int descriptor = -1;
termios before{};

/// Only what a signal handler may call.
void restore() noexcept {
    if (descriptor < 0)
        return;
    // Frames that a slow line has not taken yet would keep it waiting, and keys that were held are not for
    // the shell.
    tcflush(descriptor, TCIOFLUSH);
    std::string_view rest = leave;
    for (int attempt = 0; attempt < leave_attempts && !rest.empty(); ++attempt) {
        pollfd writable{descriptor, POLLOUT, 0};
        poll(&writable, 1, leave_limit_ms);
        if (const ssize_t written = write(descriptor, rest.data(), rest.size()); written > 0)
            rest.remove_prefix(static_cast<std::size_t>(written));
    }
    tcsetattr(descriptor, TCSANOW, &before);
    descriptor = -1;
}

void restore_and_die(int signal) {
    restore();
    raise(signal);  // SA_RESETHAND: ends the process now
}

int open_terminal() {
    // Opened anew: a terminal's descriptors 0 to 2 are shared with the shell, which wants them to block.
    const int opened = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (opened < 0 || tcgetattr(opened, &before) != 0)
        throw std::runtime_error("there is no terminal");
    return opened;
}

}  // namespace

Terminal::Terminal(asio::io_context& loop, std::function<void()> lost)
    : lost_(std::move(lost)),
      terminal_(loop, open_terminal()),
      size_signal_(loop, SIGWINCH),
      continue_signal_(loop, SIGCONT) {
    descriptor = terminal_.native_handle();
    std::signal(SIGTSTP, SIG_IGN);
    struct sigaction action {};
    action.sa_handler = restore_and_die;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int signal : fatal_signals)
        sigaction(signal, &action, nullptr);
    set_raw();
    wait_for_another_size();
    wait_for_continue();
}

void Terminal::set_raw() const {
    termios raw = before;
    cfmakeraw(&raw);
    tcsetattr(descriptor, TCSAFLUSH, &raw);
}

void Terminal::wait_for_another_size() {
    size_signal_.async_wait([this](error_code error, int) {
        if (error)
            return;
        forget_frame();
        wait_for_another_size();
    });
}

void Terminal::wait_for_continue() {
    continue_signal_.async_wait([this](error_code error, int) {
        if (error)
            return;
        set_raw();
        entered_ = false;
        forget_frame();
        wait_for_continue();
    });
}

void Terminal::forget_frame() {
    newest_.clear();
    lost_();
}

Terminal::~Terminal() {
    restore();
}

asio::awaitable<std::string_view> Terminal::read() {
    error_code error;
    const std::size_t count = co_await terminal_.async_read_some(
        asio::buffer(in_), asio::redirect_error(asio::use_awaitable, error));
    co_return std::string_view(in_.data(), error ? 0 : count);
}

void Terminal::show(std::string frame) {
    if (frame == newest_)
        return;
    newest_ = std::move(frame);
    if (writing_)
        newest_waits_ = true;
    else
        write(newest_);
}

void Terminal::write(std::string frame) {
    out_ = std::exchange(entered_, true) ? std::move(frame) : std::string(enter) + frame;
    writing_ = true;
    asio::async_write(terminal_, asio::buffer(out_), [this](error_code error, std::size_t) {
        if (error)
            return;  // read() tells that the terminal is gone
        writing_ = false;
        if (std::exchange(newest_waits_, false))
            write(newest_);
    });
}

ScreenSize Terminal::size() const noexcept {
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        return usual_size;
    return {size.ws_row, size.ws_col};
}

}  // namespace runtime
