#include "shm_wrapper/device_types_file.hpp"
#include "shm_wrapper/futex.hpp"
#include "shm_wrapper/instance.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/service.hpp"

namespace {

int run(int argc, char** argv) {
    std::string device_types;
    bool only_missing = false;
    runtime::ProgramOptions options("shm_start", "creates the shared memory blocks of a robot");
    options.add()  //
        ("device-types",
         boost::program_options::value(&device_types)
             ->default_value("/etc/runtime/device_types.textproto")
             ->value_name("FILE"),
         "the device types, in protobuf text format")  //
        ("only-missing", boost::program_options::bool_switch(&only_missing),
         "keep the device types that are published already; the file is read only where there are none");
    if (const auto status = options.parse(argc, argv))
        return *status;
    runtime::start_logging_to_stderr(options);
    if (!runtime::futex::supported())
        throw runtime::BlockError("this kernel has no futex_waitv; Linux 5.16 or later is required");
    const auto types = [&] { return runtime::read_device_types(device_types); };
    const std::string& instance = options.common().instance;
    const auto report =
        only_missing ? runtime::complete_blocks(instance, types) : runtime::start_blocks(instance, types());
    for (const auto& line : report)
        spdlog::warn(line);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return runtime::run_program("shm_start", run, argc, argv);
}
