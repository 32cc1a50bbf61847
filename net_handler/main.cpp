#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "net_handler/server.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/options.hpp"
#include "shm_wrapper/process/service.hpp"

namespace {

namespace po = boost::program_options;

struct Settings {
    std::string listen;
    int port = 0;
    std::vector<std::string> allow;
    std::vector<std::string> allow_field_control;
    int tls_port = 0;
    runtime::net::TlsFiles tls;
    bool tls_only = false;
    double device_data_hz = 0;
    double bandwidth_limit = 0;
};

void add_options(runtime::ProgramOptions& options, Settings& settings) {
    const auto within = [](const char* option, double low, double high) {
        return [=](double value) {
            if (!(value >= low && value <= high))
                throw std::invalid_argument(std::string("--") + option + " must be from " +
                                            std::to_string(static_cast<int>(low)) + " to " +
                                            std::to_string(static_cast<int>(high)));
        };
    };
    const auto address = [](const std::string& text) {
        boost::system::error_code error;
        boost::asio::ip::make_address(text, error);
        if (error)
            throw std::invalid_argument("--listen \"" + text + "\" is not an address");
    };
    const auto networks = [](const std::vector<std::string>& list) { runtime::net::NetworkList{list}; };
    options.add()  //
        ("listen", po::value(&settings.listen)->default_value("::")->value_name("ADDRESS")->notifier(address),
         "address to listen on; :: is all of IPv6 and IPv4")  //
        ("port",
         po::value(&settings.port)->default_value(8101)->value_name("N")->notifier(within("port", 0, 65535)),
         "TCP port; 0: a free one")  //
        ("allow", po::value(&settings.allow)->multitoken()->value_name("NETWORK…")->notifier(networks),
         "networks that may connect (default: loopback, private and link-local)")  //
        ("allow-field-control",
         po::value(&settings.allow_field_control)->multitoken()->value_name("NETWORK…")->notifier(networks),
         "networks from which field control may connect (default: the same as --allow)")  //
        ("tls-port", po::value(&settings.tls_port)->value_name("N")->notifier(within("tls-port", 0, 65535)),
         "a second TCP port, for TLS with client certificates; 0: a free one")  //
        ("tls-certificate", po::value(&settings.tls.certificate)->value_name("FILE"),
         "the robot's certificate for TLS (PEM; make-certificates makes one)")                        //
        ("tls-key", po::value(&settings.tls.key)->value_name("FILE"), "the key of that certificate")  //
        ("tls-client-ca", po::value(&settings.tls.authority)->value_name("FILE"),
         "the authority that has made the certificates of the clients that may connect with TLS")  //
        ("tls-only", po::bool_switch(&settings.tls_only),
         "no plain port: who has no certificate cannot connect")  //
        ("device-data-hz",
         po::value(&settings.device_data_hz)
             ->default_value(100)
             ->value_name("HZ")
             ->notifier(within("device-data-hz", 1, 1000)),
         "device data a second, at most")  //
        ("bandwidth-limit",
         po::value(&settings.bandwidth_limit)
             ->default_value(4)
             ->value_name("MBIT")
             ->notifier(within("bandwidth-limit", 0, 10000)),
         "megabits a second to a driver station, at most; 0: no limit");
}

/// The options for TLS go together or not at all.
std::optional<runtime::net::ServerOptions::Tls> tls_of(const runtime::ProgramOptions& options,
                                                       const Settings& settings) {
    const std::array names{"tls-port", "tls-certificate", "tls-key", "tls-client-ca"};
    const auto given =
        std::count_if(names.begin(), names.end(), [&](const char* name) { return options.has(name); });
    if (given == 0 && !settings.tls_only)
        return std::nullopt;
    if (given != std::ssize(names))
        throw std::invalid_argument(
            "--tls-port, --tls-certificate, --tls-key and --tls-client-ca go together");
    return runtime::net::ServerOptions::Tls{static_cast<std::uint16_t>(settings.tls_port), settings.tls,
                                            settings.tls_only};
}

int run(int argc, char** argv) {
    Settings settings;
    runtime::ProgramOptions options("net_handler",
                                    "connects the robot with the driver station and field control");
    add_options(options, settings);
    if (const auto status = options.parse(argc, argv))
        return *status;
    std::optional<runtime::net::ServerOptions::Tls> tls;
    try {
        tls = tls_of(options, settings);
    } catch (const std::invalid_argument& error) {
        return options.reject(error.what());
    }
    runtime::BlockWatch blocks(options.common().instance);
    runtime::start_logging(options);
    const auto& allow = settings.allow.empty() ? runtime::net::NetworkList::defaults() : settings.allow;
    const auto& field_control = settings.allow_field_control.empty() ? allow : settings.allow_field_control;
    runtime::net::Server server({options.common().instance,
                                 boost::asio::ip::make_address(settings.listen),
                                 static_cast<std::uint16_t>(settings.port),
                                 std::move(tls),
                                 runtime::net::NetworkList(allow),
                                 runtime::net::NetworkList(field_control),
                                 {settings.device_data_hz, settings.bandwidth_limit}},
                                std::move(blocks));
    return server.run();
}

}  // namespace

int main(int argc, char** argv) {
    return runtime::run_program("net_handler", run, argc, argv);
}
