#include "executor/student_child.hpp"

#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

namespace runtime::executor {
namespace {

namespace asio = boost::asio;

/// The time between two looks at a process that says more than fits into one turn of the loop.
constexpr std::chrono::milliseconds turn{10};
constexpr int reports_per_turn = 64;
/// Bytes of output per turn: 25 megabytes a second.
constexpr std::size_t output_per_turn = std::size_t{256} * 1024;

}  // namespace

StudentChild::StudentChild(asio::io_context& loop, Launched launched)
    : lines_([this](std::string_view line) { events_.output(line); }),
      pid_(launched.pid),
      process_(loop, launched.process.release()),
      channel_(loop, launched.channel.release()),
      output_(loop, launched.output.release()),
      timer_(loop) {
    wait_for_reports();
    wait_for_output();
    wait_for_end();
}

StudentChild::~StudentChild() {
    if (!reaped_) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

bool StudentChild::start(const StartOrder& order, int code) noexcept {
    StartOrder copy = order;
    iovec part{&copy, sizeof copy};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* attached = CMSG_FIRSTHDR(&message);
    attached->cmsg_level = SOL_SOCKET;
    attached->cmsg_type = SCM_RIGHTS;
    attached->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(attached), &code, sizeof code);
    return sendmsg(channel_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
           static_cast<ssize_t>(sizeof copy);
}

void StudentChild::signal(int number) const noexcept {
    if (!reaped_)
        kill(pid_, number);
}

void StudentChild::drain_output() {
    read_output();
}

void StudentChild::wait_for_reports() {
    channel_.async_wait(asio::posix::stream_descriptor::wait_read,
                        [this, alive = std::weak_ptr(alive_)](const auto& error) {
                            if (error || alive.expired())
                                return;
                            output_taken_ = 0;
                            const Found found = read_reports();
                            reports_paused_ = found == Found::more;
                            if (found == Found::all)
                                wait_for_reports();
                            look_again();
                        });
}

void StudentChild::wait_for_output() {
    output_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [this, alive = std::weak_ptr(alive_)](const auto& error) {
                           if (error || alive.expired())
                               return;
                           output_taken_ = 0;
                           const Found found = read_output();
                           output_paused_ = found == Found::more;
                           if (found == Found::all)
                               wait_for_output();
                           look_again();
                       });
}

void StudentChild::wait_for_end() {
    process_.async_wait(asio::posix::stream_descriptor::wait_read,
                        [this, alive = std::weak_ptr(alive_)](const auto& error) {
                            if (!error && !alive.expired())
                                finish();
                        });
}

void StudentChild::look_again() {
    if (timer_runs_ || reaped_ || !(reports_paused_ || output_paused_ || lines_.waiting()))
        return;
    timer_runs_ = true;
    timer_.expires_after(turn);
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](const auto& error) {
        if (error || alive.expired())
            return;
        timer_runs_ = false;
        lines_.time_passed(now());
        if (std::exchange(reports_paused_, false))
            wait_for_reports();
        if (std::exchange(output_paused_, false))
            wait_for_output();
        look_again();
    });
}

StudentChild::Found StudentChild::read_reports() {
    std::array<char, sizeof(ReportHeader) + max_report_text> packet;
    for (int i = 0; i < reports_per_turn; ++i) {
        const ssize_t length =
            recv(channel_.native_handle(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0)
            return errno == EAGAIN || errno == EINTR ? Found::all : Found::end;
        if (length == 0)
            return Found::end;
        const auto size = static_cast<std::size_t>(length);
        if (size < sizeof(ReportHeader) || size > packet.size())
            continue;
        ReportHeader header;
        std::memcpy(&header, packet.data(), sizeof header);
        events_.report(header, {packet.data() + sizeof header, size - sizeof header});
    }
    return Found::more;
}

StudentChild::Found StudentChild::read_output() {
    std::array<char, 65536> buffer;
    while (output_taken_ < output_per_turn) {
        const ssize_t length = read(output_.native_handle(), buffer.data(), buffer.size());
        if (length < 0)
            return errno == EAGAIN || errno == EINTR ? Found::all : Found::end;
        if (length == 0)
            return Found::end;
        lines_.feed({buffer.data(), static_cast<std::size_t>(length)}, now());
        output_taken_ += static_cast<std::size_t>(length);
    }
    return Found::more;
}

void StudentChild::finish_output() {
    drain_output();
    lines_.finish();
}

void StudentChild::finish() {
    int status = 0;
    // Asio may take a report that is on its way to an object that has gone for one about this process. To
    // wait for it here would stop the loop for as long as it lives.
    if (waitpid(pid_, &status, WNOHANG) == 0) {
        wait_for_end();
        return;
    }
    reaped_ = true;
    output_taken_ = 0;
    // All that it has said: no more than the socket's buffer holds.
    while (read_reports() == Found::more) {
    }
    finish_output();
    timer_.cancel();
    events_.ended(status);
}

}  // namespace runtime::executor
