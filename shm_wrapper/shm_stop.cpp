#include "shm_wrapper/instance.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/service.hpp"

namespace {

int run(int argc, char** argv) {
    runtime::ProgramOptions options("shm_stop", "removes the shared memory blocks of a robot");
    if (const auto status = options.parse(argc, argv))
        return *status;
    runtime::start_logging_to_stderr(options);
    for (const auto& line : runtime::stop_blocks(options.common().instance))
        spdlog::warn(line);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return runtime::run_program("shm_stop", run, argc, argv);
}
