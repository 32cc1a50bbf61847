#include "net_handler/socket_options.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace runtime::net {
namespace {

constexpr int user_timeout_ms = 3000;
constexpr int keepalive_idle_s = 1;
constexpr int keepalive_interval_s = 1;
constexpr int keepalive_probes = 2;
// Half a second of the default bandwidth; the larger of the two bounds what one client's data costs.
constexpr int send_buffer = 128 * 1024;
constexpr int unsent_limit = 32 * 1024;

void set(int socket, int level, int option, int value) noexcept {
    setsockopt(socket, level, option, &value, sizeof value);
}

}  // namespace

void prepare(int socket) noexcept {
    set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_s);
    set(socket, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
    set(socket, IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
    set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms);
    set(socket, SOL_SOCKET, SO_SNDBUF, send_buffer);
    set(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_limit);
}

std::uint64_t acknowledged_bytes(int socket) noexcept {
    tcp_info info{};
    socklen_t size = sizeof info;
    return getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_acked : 0;
}

}  // namespace runtime::net
