#pragma once
#include <cstdint>

namespace runtime::net {

/// Sets what Asio has no names for and what every connection needs: small packets leave at once, a dead link
/// is noticed within about 3 s, little is kept in the kernel that would be old when it is sent. What a socket
/// does not support is left out.
void prepare(int socket) noexcept;
/// Of what was sent through a TCP connection, the bytes that the other side's kernel has acknowledged; also
/// after the connection has ended.
std::uint64_t acknowledged_bytes(int socket) noexcept;

}  // namespace runtime::net
