#include <unistd.h>

#include <cstdlib>

#include "net_handler/station/interactive.hpp"
#include "net_handler/station/script.hpp"
#include "net_handler/station/settings.hpp"
#include "shm_wrapper/process/service.hpp"

namespace {

using namespace runtime::station;
using runtime::net::TlsContext;

int run(int argc, char** argv) {
    Settings settings;
    runtime::ProgramOptions options("station", "a driver station in a terminal, and one for scripts");
    add_options(options, settings);
    if (const auto status = options.parse(argc, argv))
        return *status;
    std::optional<Orders> orders;
    bool tls = false;
    try {
        orders = orders_of(settings);
        tls = wants_tls(settings);
    } catch (const std::invalid_argument& error) {
        return options.reject(error.what());
    }
    if (!orders && (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0))
        return options.reject(
            "this is not a terminal; without one use --seconds, --mode, --press or --print");

    boost::asio::io_context loop(1);
    Target target{settings.address, std::to_string(settings.port), nullptr};
    if (tls)
        target.tls = std::make_shared<const TlsContext>(
            TlsContext::Role::client,
            runtime::net::TlsFiles{settings.tls_certificate, settings.tls_key, settings.tls_authority});
    int status = 0;
    bool looking_up = false;
    if (orders) {
        Script script(loop, target, *orders);
        status = script.run();
        looking_up = script.link().looking_up();
    } else {
        Interactive interactive(loop, target);
        interactive.run();
        looking_up = interactive.looking_up();
    }
    // The end of the loop would wait for a name that is still being looked up, for as long as the system
    // takes.
    if (looking_up)
        std::_Exit(status);
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    return runtime::run_program("station", run, argc, argv);
}
