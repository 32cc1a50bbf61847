#include <cmath>
#include <stdexcept>
#include <string>
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
    const auto networks = [](const std::vector<std::string>& list) { runtime::net::NetworkList{list}; };
    options.add()  //
        ("listen", po::value(&settings.listen)->default_value("::")->value_name("ADDRESS"),
         "address to listen on; :: is all of IPv6 and IPv4")  //
        ("port",
         po::value(&settings.port)->default_value(8101)->value_name("N")->notifier(within("port", 0, 65535)),
         "TCP port; 0: a free one")  //
        ("allow",
         po::value(&settings.allow)->multitoken()->composing()->value_name("NETWORK…")->notifier(networks),
         "networks that may connect (default: loopback, private and link-local)")  //
        ("allow-field-control",
         po::value(&settings.allow_field_control)
             ->multitoken()
             ->composing()
             ->value_name("NETWORK…")
             ->notifier(networks),
         "networks from which field control may connect (default: the same as --allow)")  //
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

int run(int argc, char** argv) {
    Settings settings;
    runtime::ProgramOptions options("net_handler",
                                    "connects the robot with the driver station and field control");
    add_options(options, settings);
    if (const auto status = options.parse(argc, argv))
        return *status;
    runtime::start_logging(options);
    const auto& allow = settings.allow.empty() ? runtime::net::NetworkList::defaults() : settings.allow;
    const auto& field_control = settings.allow_field_control.empty() ? allow : settings.allow_field_control;
    runtime::net::Server server({options.common().instance,
                                 settings.listen,
                                 static_cast<std::uint16_t>(settings.port),
                                 runtime::net::NetworkList(allow),
                                 runtime::net::NetworkList(field_control),
                                 {settings.device_data_hz, settings.bandwidth_limit}});
    server.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return runtime::run_program("net_handler", run, argc, argv);
}
