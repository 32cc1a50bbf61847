#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "dev_handler/daemon.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/service.hpp"

namespace {

void check_patterns(const std::vector<std::string>& patterns) {
    if (std::any_of(patterns.begin(), patterns.end(), [](const auto& pattern) { return pattern.empty(); }))
        throw std::invalid_argument("--ports has an empty pattern");
}

int run(int argc, char** argv) {
    std::vector<std::string> ports;
    runtime::ProgramOptions options("dev_handler", "moves values between the devices and shared memory");
    options.add()("ports",
                  boost::program_options::value(&ports)
                      ->multitoken()
                      ->default_value({"/dev/ttyACM*", "/dev/ttyUSB*"}, "/dev/ttyACM* /dev/ttyUSB*")
                      ->value_name("GLOB")
                      ->notifier(check_patterns),
                  "where devices are: glob patterns, quoted from the shell");
    if (const auto status = options.parse(argc, argv))
        return *status;
    // The end of whoever reads our stderr must not be the end of the motors' supervision.
    std::signal(SIGPIPE, SIG_IGN);
    const std::string& instance = options.common().instance;
    runtime::BlockWatch blocks(instance);
    runtime::start_logging(options);
    return runtime::dev_handler::Daemon(instance, std::move(blocks), ports).run();
}

}  // namespace

int main(int argc, char** argv) {
    return runtime::run_program("dev_handler", run, argc, argv);
}
