#include "executor/student/channel.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace runtime::student {

std::optional<Channel::Start> Channel::wait_for_start() const {
    Start start{};
    iovec part{&start.order, sizeof start.order};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t length = 0;
    do
        length = recvmsg(descriptor_, &message, MSG_CMSG_CLOEXEC);
    while (length < 0 && errno == EINTR);
    const cmsghdr* attached = CMSG_FIRSTHDR(&message);
    if (length != static_cast<ssize_t>(sizeof start.order) || attached == nullptr ||
        attached->cmsg_type != SCM_RIGHTS)
        return std::nullopt;
    std::memcpy(&start.code, CMSG_DATA(attached), sizeof start.code);
    return start;
}

void Channel::report(executor::ReportKind kind, std::string_view text, LogLevel level) const noexcept {
    executor::ReportHeader header{};
    header.kind = kind;
    header.level = level;
    text = text.substr(0, executor::max_report_text);
    std::array<iovec, 2> parts{{{&header, sizeof header}, {const_cast<char*>(text.data()), text.size()}}};
    while (writev(descriptor_, parts.data(), parts.size()) < 0 && errno == EINTR) {
    }
}

void Channel::report_rate(float loop_rate, float longest_iteration_ms) const noexcept {
    executor::ReportHeader header{};
    header.kind = executor::ReportKind::rate;
    header.loop_rate = loop_rate;
    header.longest_iteration_ms = longest_iteration_ms;
    while (send(descriptor_, &header, sizeof header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EINTR) {
    }
}

}  // namespace runtime::student
