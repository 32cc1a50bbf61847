#include "net_handler/protocol/network_list.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace runtime::net {
namespace {

constexpr unsigned ipv4_offset_bits = 96;
constexpr unsigned address_bits = 128;

bool parse_address(const std::string& text, AddressBytes& bytes, bool& is_ipv4) {
    bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    is_ipv4 = inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1;
    return is_ipv4 || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

bool same_prefix(const AddressBytes& left, const AddressBytes& right, unsigned bits) {
    const std::size_t whole = bits / 8;
    if (!std::equal(left.begin(), left.begin() + whole, right.begin()))
        return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((left[whole] ^ right[whole]) >> (8 - rest)) == 0;
}

}  // namespace

const std::vector<std::string>& NetworkList::defaults() {
    static const std::vector<std::string> networks{"127.0.0.0/8",    "10.0.0.0/8",     "172.16.0.0/12",
                                                   "192.168.0.0/16", "169.254.0.0/16", "::1",
                                                   "fe80::/10",      "fc00::/7"};
    return networks;
}

NetworkList::NetworkList(const std::vector<std::string>& networks) {
    for (const auto& text : networks) {
        const auto fail = [&] {
            throw std::invalid_argument("\"" + text +
                                        "\" is not a network, which looks like 10.0.0.0/8 or fe80::/10");
        };
        const auto slash = text.find('/');
        Network network{};
        bool is_ipv4 = false;
        if (!parse_address(text.substr(0, slash), network.address, is_ipv4))
            fail();
        const unsigned offset = is_ipv4 ? ipv4_offset_bits : 0;
        network.prefix = address_bits;
        if (slash != std::string::npos) {
            const char* begin = text.data() + slash + 1;
            const char* end = text.data() + text.size();
            unsigned bits = 0;
            const auto parsed = std::from_chars(begin, end, bits);
            if (parsed.ec != std::errc() || parsed.ptr != end || bits > address_bits - offset)
                fail();
            network.prefix = offset + bits;
        }
        networks_.push_back(network);
    }
}

bool NetworkList::contains(const AddressBytes& address) const noexcept {
    return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
        return same_prefix(network.address, address, network.prefix);
    });
}

}  // namespace runtime::net
