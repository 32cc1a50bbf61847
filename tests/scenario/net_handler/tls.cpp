// The second port: TLS with client certificates.
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <list>

#include "net_handler/tls_channel.hpp"
#include "tests/scenario/net_handler/field.hpp"
#include "tests/support/certificates.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

std::vector<std::string> tls_options(const Certificates& team) {
    return {"--tls-port",      "0",           "--tls-certificate",
            team.pem("robot"), "--tls-key",   team.key("robot"),
            "--tls-client-ca", team.pem("ca")};
}

std::vector<std::string> operator+(std::vector<std::string> left, const std::vector<std::string>& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// A net_handler with a TLS port.
struct TlsField : Field {
    explicit TlsField(const Certificates& team, const std::vector<std::string>& more = {})
        : Field(tls_options(team) + more) {
        const std::string& output = net_handler().output();
        const std::string before = "for TLS, port ";
        const auto at = output.find(before);
        REQUIRE(at != std::string::npos);
        tls_port = static_cast<std::uint16_t>(std::stoi(output.substr(at + before.size())));
    }
    std::uint16_t tls_port = 0;
};

std::vector<std::string> station(std::uint16_t port, const Certificates& own, const Certificates& trusted,
                                 const std::string& name, const std::vector<std::string>& more) {
    return std::vector<std::string>{"station",     "--address",          "127.0.0.1",
                                    "--port",      std::to_string(port), "--tls-certificate",
                                    own.pem(name), "--tls-key",          own.key(name),
                                    "--tls-ca",    trusted.pem("ca")} +
           more;
}

/// A driver station with TLS whose records a test cuts as it likes.
class TlsClient {
  public:
    TlsClient(std::uint16_t port, const Certificates& team)
        : context_(net::TlsContext::Role::client, {team.pem("driver"), team.key("driver"), team.pem("ca")}),
          channel_(context_),
          connection_(DriverStation::silent(port)) {
        while (!channel_.established()) {
            send(channel_.take_output());
            std::array<std::uint8_t, net::TlsChannel::max_receive> bytes;
            const ssize_t count = recv(connection_.descriptor(), bytes.data(), bytes.size(), 0);
            REQUIRE(count > 0);
            channel_.receive(std::span(bytes).first(static_cast<std::size_t>(count)));
            REQUIRE_FALSE(channel_.failed());
        }
        send(channel_.take_output());
    }
    /// What the network would carry to say this.
    std::vector<std::uint8_t> encrypted(const std::string& text) {
        channel_.write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
        return channel_.take_output();
    }
    void send(std::span<const std::uint8_t> bytes) {
        connection_.send_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    /// Adds to heard() what comes next; false at the end.
    bool hear() {
        std::array<std::uint8_t, net::TlsChannel::max_receive> bytes;
        const ssize_t count = recv(connection_.descriptor(), bytes.data(), bytes.size(), 0);
        if (count <= 0)
            return false;
        channel_.receive(std::span(bytes).first(static_cast<std::size_t>(count)));
        while (const std::size_t said = channel_.read(bytes))
            heard_.append(reinterpret_cast<const char*>(bytes.data()), said);
        return true;
    }
    const std::string& heard() const noexcept { return heard_; }
    const DriverStation& connection() const noexcept { return connection_; }

  private:
    std::string heard_;
    net::TlsContext context_;
    net::TlsChannel channel_;
    DriverStation connection_;
};

bool connected(const RobotState& state) {
    return state.driver_station_connected;
}

}  // namespace

TEST_CASE("a station with a certificate of the team drives over TLS as over the plain port") {
    const Certificates team;
    TlsField field(team);
    std::vector<Value> values(16, Value::of(0.25F));
    field.connect(0, field.type("KoalaBear"), 77, values);
    Process driver(station(field.tls_port, team, team, "driver",
                           {"--mode", "teleop", "--press", "w", "--print", "devices", "--seconds", "80000"}));
    CHECK(field.wait_for_mode(runtime::RunMode::teleop));
    CHECK(field.wait_for_inputs([](const Inputs& inputs) { return inputs.keyboard_keys == 1ULL << 22; }));
    CHECK(driver.wait_for_output("6_77 KoalaBear velocity_a=0.25"));
    SECTION("and stops when it ends") {
        driver.signal(SIGTERM);
        CHECK(driver.wait() == 0);
        CHECK(field.net_handler().wait_for_output("IDLE, set by the driver station"));
    }
    SECTION("and when it is killed") {
        driver.signal(SIGKILL);
    }
    SECTION("and a plain one replaces it") {
        auto dawn = field.dawn();
        CHECK(driver.wait() == 1);
        dawn.close();
    }
    CHECK(field.wait_for_state(
        [](const RobotState& state) { return !connected(state) && state.mode == runtime::RunMode::idle; }));
}

TEST_CASE("whoever has no certificate of the team gets in nowhere, and disturbs nobody") {
    const Certificates team;
    const Certificates other;
    TlsField field(team);
    auto shepherd = field.shepherd();
    REQUIRE(field.wait_for_state([](const RobotState& state) { return state.field_control_connected; }));
    const std::vector<std::string> orders{"--print", "devices"};
    for (const auto& command : {station(field.tls_port, other, team, "driver", orders),
                                station(field.tls_port, team, team, "robot", orders)}) {
        const auto result = run(command);
        CAPTURE(result.output);
        CHECK(result.status == 1);
    }
    CHECK(field.net_handler().wait_for_output("refused a TLS connection"));
    auto plain = DriverStation::silent(field.tls_port);
    plain.send_recorded("dawn_ident");
    plain.send_recorded("dawn_mode_auto");
    CHECK(plain.wait_for_end());
    CHECK_FALSE(field.net_handler().output().find("driver station connected") != std::string::npos);
    CHECK(field.state().field_control_connected);
    shepherd.set_mode(::RunMode::AUTO);
    CHECK(field.wait_for_mode(runtime::RunMode::autonomous));
}

TEST_CASE("handshakes that do not go on are closed, and keep nobody out") {
    const Certificates team;
    TlsField field(team);
    auto dawn = field.dawn();
    std::list<DriverStation> strangers;
    for (int i = 0; i < 100; ++i) {
        strangers.push_back(DriverStation::silent(field.tls_port));
        // The head of a record that never comes.
        strangers.back().send_bytes(std::string("\x16\x03\x01\x02\x00\x01", static_cast<std::size_t>(i) % 7));
    }
    dawn.set_mode(::RunMode::TELEOP);
    CHECK(field.wait_for_mode(runtime::RunMode::teleop));
    for (auto& stranger : strangers)
        CHECK(stranger.wait_for_end());
}

TEST_CASE("half a record and then silence ends the connection and the mode") {
    const Certificates team;
    TlsField field(team);
    const auto run = field.state().run_id;
    TlsClient client(field.tls_port, team);
    client.send(client.encrypted(recorded_packet("dawn_ident") + recorded_packet("dawn_mode_auto")));
    REQUIRE(field.wait_for_state([&](const RobotState& state) { return state.run_id == run + 1; }));
    const auto record = client.encrypted(recorded_packet("dawn_inputs_none"));
    const std::size_t cut = GENERATE(as<std::size_t>{}, 1, 5, 9);
    client.send(std::span(record).first(cut));
    CHECK(field.wait_for_state(
        [&](const RobotState& state) { return !connected(state) && state.mode == runtime::RunMode::idle; }));
    CHECK(field.net_handler().wait_for_output("stopped in the middle of a packet"));
}

TEST_CASE("handshakes, which take work, are begun one after the other with time for others between") {
    const Certificates team;
    TlsField field(team);
    const net::TlsContext context(net::TlsContext::Role::client,
                                  {team.pem("driver"), team.key("driver"), team.pem("ca")});
    constexpr int count = 20;
    std::list<DriverStation> clients;
    const Nanoseconds begin = now();
    for (int i = 0; i < count; ++i) {
        net::TlsChannel channel(context);
        const auto hello = channel.take_output();
        clients.push_back(DriverStation::silent(field.tls_port));
        clients.back().send_bytes({reinterpret_cast<const char*>(hello.data()), hello.size()});
    }
    for (auto& client : clients) {
        pollfd answered{client.descriptor(), POLLIN, 0};
        CHECK(poll(&answered, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) == 1);
    }
    CHECK(now() - begin >= Nanoseconds{count - 1} * 10 * millisecond);
}

TEST_CASE("the networks of --allow count for TLS too") {
    const Certificates team;
    TlsField field(team, {"--allow", "192.0.2.0/24"});
    const auto result = run(station(field.tls_port, team, team, "driver", {"--print", "devices"}));
    CAPTURE(result.output);
    CHECK(result.status == 1);
    CHECK(field.net_handler().wait_for_output("--allow does not include"));
}

TEST_CASE("with TLS only, the plain protocol gets in nowhere") {
    const Certificates team;
    Field field(tls_options(team) + std::vector<std::string>{"--tls-only"});
    auto plain = field.dawn();
    CHECK(plain.wait_for_end());
    Process driver(station(field.port(), team, team, "driver", {"--mode", "auto", "--seconds", "80000"}));
    CHECK(field.wait_for_mode(runtime::RunMode::autonomous));
}

TEST_CASE("TLS options that do not go together are status 2, files that cannot be used status 1") {
    const Certificates team;
    const Robot robot;
    const auto one_line = [](const std::string& text) {
        return std::count(text.begin(), text.end(), '\n') == 1;
    };
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"net_handler", "--tls-port", "8102"},
             {"net_handler", "--tls-key", team.key("robot")},
             {"net_handler", "--tls-port", "70000"},
             {"net_handler", "--tls-only"},
             {"station", "--print", "devices", "--tls-ca", team.pem("ca")}}) {
        const auto result = run(arguments);
        CAPTURE(result.output);
        CHECK(result.status == 2);
        CHECK(one_line(result.output));
    }
    auto options = tls_options(team);
    options.back() = "/nowhere.pem";
    Process process = robot.start("net_handler", std::vector<std::string>{"--port", "0"} + options);
    CHECK(process.wait() == 1);
    CAPTURE(process.output());
    CHECK(one_line(process.output()));
    CHECK_THAT(process.output(), Catch::Contains("/nowhere.pem"));
}

TEST_CASE("certificates are made for their owner's eyes, and what is there is kept") {
    const Certificates team;
    const std::string script = program("make-certificates");
    const auto before = std::filesystem::last_write_time(team.pem("robot"));
    for (const char* name : {"ca", "robot", "driver"})
        CHECK(std::filesystem::status(team.key(name)).permissions() ==
              (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK(run({script, team.directory(), "second"}).status == 0);
    CHECK(std::filesystem::exists(team.pem("second")));
    CHECK(std::filesystem::last_write_time(team.pem("robot")) == before);

    CHECK(run({script}).status == 2);
    CHECK(run({script, team.directory(), "../name"}).status == 2);
    CHECK(run({script, team.directory(), "robot"}).status == 2);
    CHECK(run({script, "--days", "0", team.directory()}).status == 2);
    std::filesystem::remove(team.key("driver"));
    const auto broken = run({script, team.directory()});
    CHECK(broken.status == 1);
    CHECK_THAT(broken.output, Catch::Contains("only one of driver.pem and driver.key"));
}

TEST_CASE("log lines that were on their way over TLS when a connection ended are counted for the next") {
    const Certificates team;
    TlsField field(team, {"--bandwidth-limit", "0"});
    int appended = 0;
    const auto append = [&] {
        field.executor_log().append(LogLevel::info, LogSource::student,
                                    "number " + std::to_string(appended++) + std::string(1000, ' '));
    };
    {
        TlsClient client(field.tls_port, team);
        const auto hear = [&](const std::string& text) {
            while (client.heard().find(text) == std::string::npos)
                REQUIRE(client.hear());
        };
        client.send(client.encrypted("\1"));
        hear("driver station connected");
        append();
        hear("number 0");
        field.cut_off(client.connection());
        constexpr std::size_t many = 20'000;
        // It may be given up meanwhile, where all of this goes slowly.
        REQUIRE(wait_until([&] {
            append();
            return field.unacknowledged_bytes(client.connection()) >= many ||
                   !field.state().driver_station_connected;
        }));
    }
    // Before, the next line could still go to the one that is cut off.
    REQUIRE(field.wait_for_state([](const RobotState& state) { return !state.driver_station_connected; }));
    auto next = field.dawn();
    append();
    const auto note = next.wait_for_log(" lost");
    REQUIRE(note);
    const int lost = std::stoi(note->substr(std::string("… ").size()));
    CHECK(lost > 0);
    const auto shown = next.wait_for_log("number ");
    REQUIRE(shown);
    CHECK(std::stoi(shown->substr(std::string("number ").size())) == 1 + lost);
}
