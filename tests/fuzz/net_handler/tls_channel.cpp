// The network brings anything, in any pieces, to the robot's side of a TLS connection: before the handshake,
// or after it among sound records. Nothing may crash or grow without bound; nothing is heard of a client that
// has shown no certificate, and of one that has only what it said.
#include "net_handler/tls_channel.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

using namespace runtime::net;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

/// A team's certificates, made once.
struct Team {
    Team() {
        std::string directory = (std::filesystem::temp_directory_path() / "fuzz-tls-XXXXXX").string();
        require(mkdtemp(directory.data()) != nullptr);
        const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
        const std::string script = (programs / "make-certificates").string() + " " + directory;
        require(std::system((script + " >/dev/null 2>&1").c_str()) == 0);
        const auto files = [&](const std::string& name) {
            return TlsFiles{directory + "/" + name + ".pem", directory + "/" + name + ".key",
                            directory + "/ca.pem"};
        };
        server = std::make_unique<TlsContext>(TlsContext::Role::server, files("robot"));
        client = std::make_unique<TlsContext>(TlsContext::Role::client, files("driver"));
        std::filesystem::remove_all(directory);
    }
    std::unique_ptr<TlsContext> server;
    std::unique_ptr<TlsContext> client;
};

void carry(TlsChannel& from, TlsChannel& to) {
    const auto bytes = from.take_output();
    to.receive(bytes);
}

std::size_t hear(TlsChannel& channel) {
    std::size_t heard = 0;
    std::array<std::uint8_t, 1000> space;
    while (const std::size_t count = channel.read(space)) {
        require(count <= space.size() && channel.established());
        require(std::all_of(space.begin(), space.begin() + static_cast<std::ptrdiff_t>(count),
                            [](std::uint8_t byte) { return byte == 'x'; }));
        heard += count;
    }
    return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Team team;
    if (size == 0)
        return 0;
    TlsChannel server(*team.server);
    TlsChannel client(*team.client);
    const bool established = (data[0] & 1) != 0;
    for (int turn = 0; established && turn < 4; ++turn) {
        carry(client, server);
        carry(server, client);
    }
    require(server.established() == established);
    std::size_t said = 0;
    std::span<const std::uint8_t> rest(data + 1, size - 1);
    while (!rest.empty()) {
        const std::uint8_t step = rest[0];
        rest = rest.subspan(1);
        if (step >= 0xC0 && established) {
            const std::array<std::uint8_t, 0x40> words = [] {
                std::array<std::uint8_t, 0x40> result{};
                result.fill('x');
                return result;
            }();
            if (step == 0xFF)
                SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED);
            client.write(std::span(words).first(step & 0x3FU));
            said += step & 0x3FU;
            carry(client, server);
        } else {
            const std::size_t count = std::min<std::size_t>(step, rest.size());
            server.receive(rest.first(count));
            rest = rest.subspan(count);
        }
        const std::size_t heard = hear(server);
        require(heard <= said);
        said -= heard;
        require(server.output().size() <= 2 * TlsChannel::max_output);
        require(!server.failed() || heard == 0 || server.established());
    }
    require(established || !server.established());
    return 0;
}
