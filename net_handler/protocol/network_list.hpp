#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace runtime::net {

/// An IP address as its 16 bytes; an IPv4 address in its IPv4-mapped form (::ffff:a.b.c.d).
using AddressBytes = std::array<std::uint8_t, 16>;

/// The addresses that may connect.
class NetworkList {
  public:
    /// Loopback, private and link-local networks of IPv4 and IPv6.
    static const std::vector<std::string>& defaults();
    /// Networks like `10.0.0.0/8`, `fe80::/10`, or single addresses. Throws std::invalid_argument that names
    /// the one that is wrong.
    explicit NetworkList(const std::vector<std::string>& networks);
    bool contains(const AddressBytes& address) const noexcept;

  private:
    struct Network {
        AddressBytes address;
        unsigned prefix;
    };
    std::vector<Network> networks_;
};

}  // namespace runtime::net
