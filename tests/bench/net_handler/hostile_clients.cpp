// How long a client waits for an answer while another does its worst, for each kind of bad client. The
// promise is 20 ms at the most. One JSON object a line: name, value, unit.
#include <atomic>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <list>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "net_handler/tls_channel.hpp"
#include "tests/scenario/net_handler/field.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/measure.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

using bench::pause;
using bench::require;

constexpr double promised_us = 20'000;
const bool smoke = std::getenv("RUNTIME_BENCHMARK_SMOKE") != nullptr;
const int questions = smoke ? 20 : 2000;

/// Does something over and over in a thread of its own.
class Disturber {
  public:
    explicit Disturber(std::function<void()> once)
        : thread_([this, once = std::move(once)] {
              try {
                  while (!enough_)
                      once();
              } catch (...) {
                  failure_ = std::current_exception();
              }
          }) {}
    Disturber(const Disturber&) = delete;
    Disturber& operator=(const Disturber&) = delete;
    ~Disturber() { end(); }
    /// Throws what has ended it.
    void finish() {
        end();
        if (failure_)
            std::rethrow_exception(failure_);
    }

  private:
    void end() {
        enough_ = true;
        if (thread_.joinable())
            thread_.join();
    }
    std::atomic<bool> enough_{false};
    std::exception_ptr failure_;
    std::thread thread_;
};

/// `ask` asks one client's question and waits for the answer: whether it came.
void measure(const std::string& name, const std::function<bool()>& ask, std::function<void()> disturb_once) {
    require(ask(), "no answer before: " + name);
    std::vector<double> times;
    Disturber disturber(std::move(disturb_once));
    for (int i = 0; i < questions; ++i) {
        pause(millisecond);
        const Nanoseconds begin = now();
        require(ask(), "no answer while " + name);
        times.push_back(static_cast<double>(now() - begin) / microsecond);
    }
    disturber.finish();
    const std::string full_name = "hostile_clients/answer while " + name;
    bench::print_percentiles(full_name, times, "us");
    bench::print_promise(full_name + "/max", bench::percentile(times, 1.0), promised_us, "us");
}

/// A driver station asks for the time.
void ask_as_dawn(const std::string& name, Field& field, std::function<void()> disturb_once) {
    auto dawn = field.dawn();
    const auto ask = [&] {
        dawn.send_recorded("dawn_ping");
        return dawn.receive_until([](const ReceivedPacket& received) { return received.type == 6; })
            .has_value();
    };
    measure(name, ask, std::move(disturb_once));
}

/// Field control sets the mode and waits for the status that says so.
void ask_as_shepherd(const std::string& name, Field& field, std::function<void()> disturb_once) {
    auto shepherd = field.shepherd();
    ::RunMode::Mode mode = ::RunMode::IDLE;
    const auto ask = [&] {
        mode = mode == ::RunMode::AUTO ? ::RunMode::TELEOP : ::RunMode::AUTO;
        shepherd.set_mode(mode);
        return shepherd.wait_for_status([&](const ::RuntimeStatus& status) { return status.mode() == mode; })
            .has_value();
    };
    measure(name, ask, std::move(disturb_once));
}

std::string bad_packets() {
    std::string bytes;
    for (int i = 0; i < 200; ++i)
        bytes += packet(0, "\x08\x07") + packet(99, std::string(500, 'x')) +
                 packet(5, std::string(4096, '\x0A')) + packet(77, std::string(65535, 'y'));
    return bytes;
}

void bad_shepherds() {
    Field field;
    const std::string flood = bad_packets();
    std::optional<DriverStation> shepherd;
    const auto connected = [&]() -> DriverStation& {
        if (!shepherd)
            shepherd.emplace(field.port(), DriverStation::Kind::shepherd);
        return *shepherd;
    };
    ask_as_dawn("nothing else goes on", field, [] { pause(millisecond); });
    ask_as_dawn("field control floods bad packets", field, [&] { connected().send_bytes(flood); });
    shepherd.reset();
    ask_as_dawn("field control sends one byte at a time", field, [&] {
        for (const char byte : recorded_packet("shepherd_startpos_right"))
            connected().send_bytes(std::string(1, byte));
    });
    shepherd.reset();
    ask_as_dawn("field control stops in the middle of a packet, over and over", field, [&] {
        DriverStation half(field.port(), DriverStation::Kind::shepherd);
        half.send_bytes(std::string("\0\x20\0\1", 4));
    });
    ask_as_dawn("field control connects and resets", field, [&] {
        DriverStation resets(field.port(), DriverStation::Kind::shepherd);
        resets.send_recorded("shepherd_mode_idle");
        resets.reset();
    });
    std::string smallest;
    for (int i = 0; i < 50'000; ++i)
        smallest += packet(0, "");
    ask_as_dawn("field control floods the smallest packets and is replaced", field, [&] {
        DriverStation floods(field.port(), DriverStation::Kind::shepherd);
        floods.send_bytes(smallest);
    });
}

void bad_dawns() {
    Field field({"--bandwidth-limit", "0"});
    for (std::size_t slot = 0; slot < max_devices; ++slot)
        field.connect(slot, field.type("GeneralTestDevice"), slot,
                      std::vector<Value>(max_parameters, Value::of(-1)));
    std::optional<DriverStation> never_reads;
    Nanoseconds connect_again = 0;
    ask_as_shepherd("a driver station never reads", field, [&] {
        if (now() >= connect_again) {
            never_reads.emplace(field.port());
            connect_again = now() + 2 * second;
        }
        never_reads->send_recorded("dawn_inputs_gamepad_axes");
        pause(millisecond);
    });
    never_reads.reset();
    const std::string flood = bad_packets();
    ask_as_shepherd("a driver station floods bad packets", field, [&] {
        DriverStation floods(field.port());
        floods.send_bytes(flood);
    });
    std::string time_questions;
    for (int i = 0; i < 2700; ++i)
        time_questions += packet(6, "");
    std::optional<DriverStation> asks(field.port());
    ask_as_shepherd("a driver station asks for the time as often as it can", field, [&] {
        asks->send_bytes(time_questions);
        int answers = 0;
        asks->receive_until([&](const ReceivedPacket& received) {
            answers += received.type == 6 ? 1 : 0;
            return answers >= 1000;
        });
    });
}

void strangers() {
    Field field;
    std::list<DriverStation> silent;
    ask_as_dawn("a thousand connections at a time say nothing", field, [&] {
        while (silent.size() >= 1000) {
            silent.front().reset();
            silent.pop_front();
        }
        silent.push_back(DriverStation::silent(field.port()));
    });
    silent.clear();
    ask_as_dawn("strangers connect and reset", field, [&] {
        auto stranger = DriverStation::silent(field.port());
        stranger.send_bytes("\5");
        stranger.reset();
    });
}

void tls_handshakes() {
    const Certificates team;
    Field field({"--tls-port", "0", "--tls-certificate", team.pem("robot"), "--tls-key", team.key("robot"),
                 "--tls-client-ca", team.pem("ca")});
    const std::string& output = field.net_handler().output();
    const std::string before = "for TLS, port ";
    const auto port =
        static_cast<std::uint16_t>(std::stoi(output.substr(output.find(before) + before.size())));
    const net::TlsContext context(net::TlsContext::Role::client,
                                  {team.pem("driver"), team.key("driver"), team.pem("ca")});
    std::list<DriverStation> strangers;
    ask_as_dawn("strangers begin TLS handshakes", field, [&] {
        net::TlsChannel channel(context);
        const auto hello = channel.take_output();
        strangers.push_back(DriverStation::silent(port));
        strangers.back().send_bytes({reinterpret_cast<const char*>(hello.data()), hello.size()});
        if (strangers.size() > 100) {
            strangers.front().reset();
            strangers.pop_front();
        }
    });
}

}  // namespace

int main() {
    try {
        bad_shepherds();
        bad_dawns();
        strangers();
        tls_handshakes();
    } catch (const std::exception& error) {
        std::cerr << "bench_hostile_clients: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
