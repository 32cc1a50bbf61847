#include <spdlog/spdlog.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "shm_wrapper/device_types_file.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/options.hpp"
#include "shm_wrapper/process/service.hpp"
#include "tests/virtual_devices/event_loop.hpp"

namespace {

namespace po = boost::program_options;
using namespace runtime::virtual_devices;

int run(int argc, char** argv) {
    std::string types_file;
    std::string directory;
    std::vector<std::string> devices;
    std::vector<std::string> attach;
    bool robot = false;
    double data_hz = 0;
    unsigned seed = 0;
    runtime::ProgramOptions options("virtual_devices", "simulates devices on pseudo-terminals");
    options.add()  //
        ("device-types",
         po::value(&types_file)->default_value("/etc/runtime/device_types.textproto")->value_name("FILE"),
         "the device types, in protobuf text format")  //
        ("directory", po::value(&directory)->required()->value_name("DIR"),
         "where the ports appear, as links ttyVIRTUAL0 …")  //
        ("device", po::value(&devices)->composing()->value_name("TYPE[:UID][@FAULT,…]"),
         "a device, by the name or number of its type; may be repeated")  //
        ("attach", po::value(&attach)->composing()->value_name("PATH"),
         "a port that exists already, for the first device, the next …; may be repeated")             //
        ("robot", po::bool_switch(&robot), "the devices of a whole robot, before those of --device")  //
        ("data-hz", po::value(&data_hz)->default_value(1000)->value_name("N"),
         "DEVICE_DATA that each device sends a second, 0.1 to 1000")  //
        ("seed", po::value(&seed)->default_value(1)->value_name("N"), "of the random numbers of the faults");
    if (const auto status = options.parse(argc, argv))
        return *status;
    if (!(data_hz >= 0.1 && data_hz <= 1000)) {
        std::fprintf(stderr, "virtual_devices: --data-hz must be from 0.1 to 1000\n");
        return 2;
    }
    runtime::start_logging_to_stderr(options);

    const runtime::DeviceTypes types = runtime::read_device_types(types_file);
    if (robot)
        devices.insert(devices.begin(), robot_devices().begin(), robot_devices().end());
    if (devices.empty())
        throw std::runtime_error("no devices: give --robot or --device");
    std::vector<DeviceRequest> requests;
    requests.reserve(devices.size());
    for (const auto& device : devices)
        requests.push_back(parse_device(device, types));

    const auto period = static_cast<runtime::Nanoseconds>(std::llround(runtime::second / data_hz));
    Simulation simulation({directory, {attach.begin(), attach.end()}, period, seed});
    for (const auto& request : requests)
        simulation.add(request, runtime::now());
    EventLoop loop(simulation);
    spdlog::info("ready: {} devices at {}/ttyVIRTUAL*", devices.size(), directory);
    loop.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return runtime::run_program("virtual_devices", run, argc, argv);
}
