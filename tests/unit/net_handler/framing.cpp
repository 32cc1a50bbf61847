#include "net_handler/protocol/framing.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/driver_station.hpp"

using namespace runtime::net;
using runtime::test::packet;
using Found = PacketReader::Found;

namespace {

void feed(PacketReader& reader, std::string_view bytes) {
    const auto space = reader.space();
    REQUIRE(bytes.size() <= space.size());
    std::copy(bytes.begin(), bytes.end(), space.begin());
    reader.received(bytes.size());
}

/// What is found when `bytes` come in pieces of `size`: 'D', 'S' for an identity, 'o' oversized, '!' not a
/// client, and for a packet its type and its length.
std::vector<std::string> found_in(const std::string& bytes, std::size_t size) {
    PacketReader reader;
    std::vector<std::string> result;
    for (std::size_t begin = 0; begin < bytes.size(); begin += size) {
        feed(reader, std::string_view(bytes).substr(begin, size));
        for (auto found = reader.next(); found != Found::nothing; found = reader.next()) {
            if (found == Found::identity)
                result.emplace_back(reader.client() == Client::driver_station ? "D" : "S");
            if (found == Found::oversized)
                result.push_back("o" + std::to_string(reader.skipped_size()));
            if (found == Found::not_a_client)
                result.emplace_back("!");
            if (found == Found::packet)
                result.push_back(std::to_string(reader.type()) + ":" +
                                 std::to_string(reader.payload().size()));
        }
    }
    return result;
}

}  // namespace

TEST_CASE("packets are found however the bytes are cut") {
    const std::string bytes = std::string("\1") + packet(0, "\x08\x02") + packet(5, "") +
                              packet(9, std::string(700, 'x')) + packet(6, std::string(18, 'y'));
    const std::vector<std::string> expected{"D", "0:2", "5:0", "9:700", "6:18"};
    for (const std::size_t size : {1U, 2U, 3U, 5U, 7U, 64U, 701U, 4000U})
        CHECK(found_in(bytes, size) == expected);
}

TEST_CASE("the payload is the bytes that were sent") {
    PacketReader reader;
    feed(reader, std::string("\0", 1) + packet(4, "abc"));
    REQUIRE(reader.next() == Found::identity);
    REQUIRE(reader.next() == Found::packet);
    CHECK(std::string(reader.payload().begin(), reader.payload().end()) == "abc");
}

TEST_CASE("packets of types 5 and 6 before the identity are skipped") {
    using namespace std::string_literals;
    const auto early = "\x05\0\0\x05\0\0\x01"s + packet(0, "");
    const auto early_time = packet(6, std::string(18, '\1')) + packet(5, std::string(5000, '\1')) + "\1";
    for (const std::size_t size : {1U, 2U, 4U, 100U, 4000U}) {
        CHECK(found_in(early, size) == std::vector<std::string>{"D", "0:0"});
        CHECK(found_in(early_time, size) == std::vector<std::string>{"D"});
        // Only Dawn sends such packets: whoever goes on otherwise has lost the beginning of its stream.
        CHECK(found_in("\x05\0\0\0"s + packet(0, ""), size) == std::vector<std::string>{"!"});
    }
}

TEST_CASE("what does not start as a client is refused, and nothing of it is looked at") {
    for (int first = 2; first < 256; ++first) {
        if (first == 5 || first == 6)
            continue;
        CHECK(found_in(std::string(1, static_cast<char>(first)) + packet(0, "\x08\x01"), 100) ==
              std::vector<std::string>{"!"});
    }
    CHECK(found_in("GET / HTTP/1.1\r\n", 4).front() == "!");
}

TEST_CASE("a packet that is too long is skipped and reported, and the next one is found") {
    for (const std::size_t length : {max_client_payload + 1, std::size_t{65535}}) {
        const std::string bytes = std::string("\1") + packet(5, std::string(length, '\0')) + packet(0, "");
        for (const std::size_t size : {1U, 1000U, 4000U})
            CHECK(found_in(bytes, size) ==
                  std::vector<std::string>{"D", "o" + std::to_string(length), "0:0"});
    }
    const std::string longest = std::string("\1") + packet(5, std::string(max_client_payload, '\0'));
    CHECK(found_in(longest, 1000) == std::vector<std::string>{"D", "5:4096"});
}

TEST_CASE("a packet that has begun but is not whole is known") {
    PacketReader reader;
    feed(reader, "\1");
    reader.next();
    CHECK(reader.next() == Found::nothing);
    CHECK_FALSE(reader.in_packet());
    feed(reader, std::string("\5\4", 2));
    CHECK(reader.next() == Found::nothing);
    CHECK(reader.in_packet());
    feed(reader, std::string("\0abcd", 5));
    CHECK(reader.next() == Found::packet);
    CHECK_FALSE(reader.in_packet());
}

TEST_CASE("there is always space for more when nothing is found") {
    PacketReader reader;
    feed(reader, "\1");
    const std::string bytes = packet(5, std::string(max_client_payload - 1, '\0'));
    std::string stream;
    for (int i = 0; i < 50; ++i)
        stream += bytes;
    int packets = 0;
    while (!stream.empty()) {
        for (auto found = reader.next(); found != Found::nothing; found = reader.next())
            packets += found == Found::packet ? 1 : 0;
        const auto space = reader.space();
        REQUIRE_FALSE(space.empty());
        const std::size_t count = std::min(space.size(), stream.size());
        feed(reader, std::string_view(stream).substr(0, count));
        stream.erase(0, count);
    }
    while (reader.next() == Found::packet)
        ++packets;
    CHECK(packets == 50);
}
