#include "net_handler/protocol/network_list.hpp"

#include <arpa/inet.h>

#include <catch2/catch.hpp>
#include <stdexcept>

using namespace runtime::net;

namespace {

AddressBytes address(const std::string& text) {
    AddressBytes bytes{};
    const std::string mapped = text.find(':') == std::string::npos ? "::ffff:" + text : text;
    REQUIRE(inet_pton(AF_INET6, mapped.c_str(), bytes.data()) == 1);
    return bytes;
}

}  // namespace

TEST_CASE("by default loopback, private and link-local networks may connect, no others") {
    const NetworkList list(NetworkList::defaults());
    for (const char* inside : {"127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "172.31.255.255",
                               "192.168.1.5", "169.254.7.7", "::1", "fe80::1", "fd00::5", "fc00::1"})
        CHECK(list.contains(address(inside)));
    for (const char* outside : {"8.8.8.8", "128.0.0.1", "11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1",
                                "169.255.0.1", "::2", "2001:db8::1", "fe00::1", "0.0.0.0", "255.255.255.255"})
        CHECK_FALSE(list.contains(address(outside)));
}

TEST_CASE("a network is an address with any prefix or none") {
    CHECK(NetworkList({"192.0.2.7"}).contains(address("192.0.2.7")));
    CHECK_FALSE(NetworkList({"192.0.2.7"}).contains(address("192.0.2.6")));
    CHECK(NetworkList({"192.0.2.4/31"}).contains(address("192.0.2.5")));
    CHECK_FALSE(NetworkList({"192.0.2.4/31"}).contains(address("192.0.2.6")));
    CHECK(NetworkList({"0.0.0.0/0"}).contains(address("8.8.8.8")));
    CHECK_FALSE(NetworkList({"0.0.0.0/0"}).contains(address("2001:db8::1")));
    CHECK(NetworkList({"::/0"}).contains(address("2001:db8::1")));
    CHECK(NetworkList({"2001:db8::/33"}).contains(address("2001:db8:7fff::1")));
    CHECK_FALSE(NetworkList({"2001:db8::/33"}).contains(address("2001:db8:8000::1")));
    CHECK_FALSE(NetworkList(std::vector<std::string>{}).contains(address("127.0.0.1")));
}

TEST_CASE("what is not a network is named in the error") {
    for (const char* wrong : {"", "robot", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0",
                              "::1/129", "/8", "10.0.0.0/8/8"}) {
        CHECK_THROWS_AS(NetworkList({wrong}), std::invalid_argument);
        CHECK_THROWS_WITH(NetworkList({wrong}), Catch::Contains(std::string("\"") + wrong + "\""));
    }
}
