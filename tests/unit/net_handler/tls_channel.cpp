#include "net_handler/tls_channel.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>
#include <fstream>
#include <string_view>

#include "tests/support/certificates.hpp"

using namespace runtime::net;
using runtime::test::Certificates;
using Role = TlsContext::Role;

namespace {

TlsContext server_of(const Certificates& team, const std::string& name = "robot") {
    return TlsContext(Role::server, {team.pem(name), team.key(name), team.pem("ca")});
}

TlsContext client_of(const Certificates& team, const Certificates& trusted,
                     const std::string& name = "driver") {
    return TlsContext(Role::client, {team.pem(name), team.key(name), trusted.pem("ca")});
}

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string heard(TlsChannel& channel) {
    std::string text;
    std::array<std::uint8_t, 100> space;
    while (const std::size_t count = channel.read(space))
        text.append(space.begin(), space.begin() + static_cast<std::ptrdiff_t>(count));
    return text;
}

/// Carries what one has to say to the other, in pieces. Whether that was anything.
bool carry(TlsChannel& from, TlsChannel& to, std::size_t piece) {
    const auto output = from.take_output();
    for (std::size_t begin = 0; begin < output.size(); begin += piece)
        to.receive(std::span(output).subspan(begin, std::min(piece, output.size() - begin)));
    return !output.empty();
}

/// A connection over nothing.
struct Pair {
    Pair(const TlsContext& client_context, const TlsContext& server_context, std::size_t piece = 16384)
        : client(client_context), server(server_context), piece_(piece) {
        settle();
    }
    void settle() {
        bool client_said = true;
        bool server_said = true;
        while (client_said || server_said) {
            client_said = carry(client, server, piece_);
            // What a client that was refused says meanwhile must not be heard.
            if (client.established() && !said_) {
                said_ = true;
                client.write(bytes("first words"));
            }
            server_words += heard(server);
            server_said = carry(server, client, piece_);
            client_words += heard(client);
        }
    }

    TlsChannel client;
    TlsChannel server;
    std::string client_words;
    std::string server_words;

  private:
    std::size_t piece_;
    bool said_ = false;
};

}  // namespace

TEST_CASE("two sides with certificates of one authority understand each other, however the bytes are cut") {
    const Certificates team;
    const auto server = server_of(team);
    const auto client = client_of(team, team);
    for (const std::size_t piece : {1U, 7U, 16384U}) {
        Pair pair(client, server, piece);
        CHECK(pair.client.established());
        CHECK(pair.server.established());
        CHECK(pair.server_words == "first words");
        const std::string long_text(50'000, 'x');
        pair.server.write(bytes(long_text));
        pair.client.write(bytes("more"));
        pair.settle();
        CHECK(pair.client_words == long_text);
        CHECK(pair.server_words == "first wordsmore");
        CHECK_FALSE(pair.client.failed());
        CHECK_FALSE(pair.server.failed());
    }
}

TEST_CASE("a client without a certificate that counts gets in nowhere") {
    const Certificates team;
    const Certificates other;
    const auto server = server_of(team);
    const auto refused = [&](const TlsContext& client) {
        Pair pair(client, server);
        CHECK_FALSE(pair.server.established());
        CHECK(pair.server.failed());
        CHECK(pair.server_words.empty());
        CHECK(pair.client.failed());
        return pair.server.failure();
    };
    SECTION("of another authority") {
        CHECK_THAT(refused(client_of(other, team)), Catch::Contains("issuer"));
    }
    SECTION("that is a robot's") {
        CHECK_THAT(refused(client_of(team, team, "robot")), Catch::Contains("purpose"));
    }
    SECTION("none") {
        const auto without = client_of(team, team);
        SSL_CTX_set_cert_cb(
            without.get(),
            [](SSL* ssl, void*) {
                SSL_certs_clear(ssl);
                return 1;
            },
            nullptr);
        CHECK_THAT(refused(without), Catch::Contains("did not return a certificate"));
    }
    SECTION("with a protocol older than TLS 1.2") {
        const auto client = client_of(team, team);
        SSL_CTX_set_security_level(client.get(), 0);
        SSL_CTX_set_min_proto_version(client.get(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(client.get(), TLS1_1_VERSION);
        CHECK_THAT(refused(client), Catch::Contains("unsupported protocol"));
    }
}

TEST_CASE("a station believes no other robot, and no other driver that poses as one") {
    const Certificates team;
    const Certificates other;
    {
        Pair pair(client_of(team, team), server_of(other));
        CHECK_FALSE(pair.client.established());
        CHECK(pair.client.failed());
        CHECK(pair.server_words.empty());
    }
    {
        Pair pair(client_of(team, team), server_of(team, "driver"));
        CHECK_FALSE(pair.client.established());
        CHECK_THAT(pair.client.failure(), Catch::Contains("purpose"));
    }
}

TEST_CASE("a robot whose clock is behind lets its drivers in, but nobody whose certificate has expired") {
    const Certificates team;
    const auto at = [](const TlsContext& context, time_t time) {
        X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context.get()), time);
    };
    constexpr time_t day = 24L * 60 * 60;
    const auto server = server_of(team);
    const auto client = client_of(team, team);
    {
        at(server, 0);  // 1970
        Pair pair(client, server);
        CHECK(pair.server.established());
        CHECK(pair.server_words == "first words");
    }
    {
        at(server, 0);
        const Certificates other;
        Pair pair(client_of(other, team), server);
        CHECK_FALSE(pair.server.established());
        CHECK_THAT(pair.server.failure(), Catch::Contains("issuer"));
    }
    {
        at(server, time(nullptr) + 10'000 * day);
        Pair pair(client, server);
        CHECK_FALSE(pair.server.established());
        CHECK_THAT(pair.server.failure(), Catch::Contains("expired"));
        CHECK(pair.server_words.empty());
    }
    {
        const auto right = server_of(team);
        at(client, 0);  // a laptop knows the time
        Pair pair(client, right);
        CHECK_FALSE(pair.client.established());
        CHECK_THAT(pair.client.failure(), Catch::Contains("not yet valid"));
    }
}

TEST_CASE("bytes that are no TLS end it, at any time") {
    const Certificates team;
    const auto server = server_of(team);
    for (const std::string& nonsense :
         {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(20, '\0'), std::string(20'000, '\xFF'),
          "\x16\x03\x01\xFF\xFF" + std::string(70'000, 'a')}) {
        TlsChannel channel(server);
        channel.receive(bytes(nonsense));
        CHECK_FALSE(channel.established());
        CHECK(channel.failed());
        CHECK(heard(channel).empty());
    }
    Pair pair(client_of(team, team), server);
    pair.server.receive(bytes("not a record at all"));
    CHECK(heard(pair.server).empty());
    CHECK(pair.server.failed());
    pair.server.write(bytes("nobody hears this"));
    pair.server.receive(bytes("nor this"));
    CHECK(heard(pair.server).empty());
}

TEST_CASE("half a record is known as one, however it is cut") {
    const Certificates team;
    Pair pair(client_of(team, team), server_of(team));
    pair.client.write(bytes("first"));
    const auto first = pair.client.take_output();
    pair.client.write(bytes("second"));
    const auto second = pair.client.take_output();
    CHECK_FALSE(pair.server.in_record());
    for (std::size_t cut = 1; cut < first.size(); ++cut) {
        CAPTURE(cut);
        Pair other(client_of(team, team), server_of(team));
        other.client.write(bytes("first"));
        const auto record = other.client.take_output();
        other.server.receive(std::span(record).first(cut));
        CHECK(other.server.in_record());
        CHECK_FALSE(other.server.record_ended());
        other.server.receive(std::span(record).subspan(cut));
        CHECK_FALSE(other.server.in_record());
        CHECK(other.server.record_ended());
        CHECK(heard(other.server) == "first");
    }
    auto both = first;
    both.insert(both.end(), second.begin(), second.end() - 1);
    pair.server.receive(both);
    CHECK(pair.server.in_record());
    CHECK(pair.server.record_ended());
    CHECK(heard(pair.server) == "first");
}

TEST_CASE("who makes TLS answer and reads nothing is given up, and the answers are bounded") {
    const Certificates team;
    Pair pair(client_of(team, team), server_of(team));
    for (int i = 0; i < 100'000 && !pair.server.failed(); ++i) {
        SSL_key_update(pair.client.ssl(), SSL_KEY_UPDATE_REQUESTED);
        pair.client.write(bytes("x"));
        pair.server.receive(pair.client.take_output());
        CHECK(heard(pair.server).size() <= 1);
        REQUIRE(pair.server.output().size() <= 2 * TlsChannel::max_output);
    }
    CHECK(pair.server.failed());
    CHECK_THAT(pair.server.failure(), Catch::Contains("does not read"));
}

TEST_CASE("a file that cannot be used is named") {
    const Certificates team;
    const Certificates other;
    const std::string certificate = team.pem("robot");
    const std::string key = team.key("robot");
    const std::string authority = team.pem("ca");
    const auto context = [](const std::string& one, const std::string& two, const std::string& three) {
        return TlsContext(Role::server, {one, two, three});
    };
    CHECK_NOTHROW(context(certificate, key, authority));
    CHECK_THROWS_WITH(context("/nowhere.pem", key, authority),
                      Catch::Contains("certificate /nowhere.pem") && Catch::Contains("No such file"));
    CHECK_THROWS_WITH(context(key, key, authority), Catch::Contains("certificate " + key));
    CHECK_THROWS_WITH(context(certificate, certificate, authority), Catch::Contains("key " + certificate));
    CHECK_THROWS_WITH(context(certificate, other.key("robot"), authority),
                      Catch::Contains("key " + other.key("robot")) && Catch::Contains("mismatch"));
    CHECK_THROWS_WITH(context(certificate, key, key), Catch::Contains("certificate authority " + key));
    const std::string empty = team.directory() + "/empty.pem";
    std::ofstream(empty).flush();
    CHECK_THROWS_WITH(context(certificate, key, empty), Catch::Contains("certificate authority " + empty));
}
