#include "shm_wrapper/device_types_file.hpp"
#include "shm_wrapper/futex.hpp"
#include "shm_wrapper/instance.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/service.hpp"

namespace {

int run(int argc, char** argv) {
    std::string device_types;
    runtime::ProgramOptions options("shm_start", "creates the shared memory blocks of a robot");
    options.add()("device-types",
                  boost::program_options::value(&device_types)
                      ->default_value("/etc/runtime/device_types.textproto")
                      ->value_name("FILE"),
                  "the device types, in protobuf text format");
    if (const auto status = options.parse(argc, argv))
        return *status;
    runtime::start_logging_to_stderr(options);
    if (!runtime::futex::supported())
        throw runtime::BlockError("this kernel has no futex_waitv; Linux 5.16 or later is required");
    const auto types = runtime::read_device_types(device_types);
    for (const auto& line : runtime::start_blocks(options.common().instance, types))
        spdlog::warn(line);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return runtime::run_program("shm_start", run, argc, argv);
}
