#include <unistd.h>

#include <csignal>
#include <iostream>

#include "shm_wrapper/process/service.hpp"
#include "shm_wrapper/runtime/collector.hpp"
#include "shm_wrapper/runtime/json_text.hpp"
#include "shm_wrapper/runtime/settings.hpp"
#include "shm_wrapper/runtime/text.hpp"
#include "shm_wrapper/runtime/watch.hpp"

namespace {

using namespace runtime::overview;

/// The exit status, unless what was printed was not taken.
int printed(const std::string& text, int status) {
    std::cout << text << std::flush;
    return std::cout.good() ? status : 1;
}

int show_status(const std::string& instance, bool json) {
    const Snapshot snapshot = Collector(instance).look();
    return printed(json ? status_json(snapshot) : plain_text(status_report(snapshot)),
                   healthy(snapshot) ? 0 : 1);
}

int show_devices(const std::string& instance, bool json) {
    const Snapshot snapshot = Collector(instance).look();
    if (!snapshot.devices) {
        std::cerr << "runtime: the devices are unknown: " << daemon(snapshot, "dev_handler").note << '\n';
        return json ? printed(devices_json(snapshot), 1) : 1;
    }
    return printed(
        json ? devices_json(snapshot) : plain_text(devices_report(*snapshot.devices, snapshot.moment)), 0);
}

int watch(const runtime::ProgramOptions& options) {
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
        return options.reject("this is not a terminal; runtime status works without one");
    boost::asio::io_context loop(1);
    Watch(loop, options.common().instance).run();
    return 0;
}

int run(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // whoever reads what is printed may go
    Settings settings;
    runtime::ProgramOptions options("runtime", "shows what a robot does; never changes anything");
    add_options(options, settings);
    if (const auto status = options.parse(argc, argv))
        return *status;
    try {
        check(options, settings);
    } catch (const std::invalid_argument& error) {
        return options.reject(error.what());
    }
    const std::string& instance = options.common().instance;
    if (settings.command == "status")
        return show_status(instance, settings.json);
    if (settings.command == "devices")
        return show_devices(instance, settings.json);
    if (settings.command == "logs")
        return print_logs(instance, log_orders_of(settings, runtime::now()));
    return watch(options);
}

}  // namespace

int main(int argc, char** argv) {
    return runtime::run_program("runtime", run, argc, argv);
}
