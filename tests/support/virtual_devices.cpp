#include "tests/support/virtual_devices.hpp"

#include <atomic>
#include <stdexcept>

namespace runtime::test {
namespace {

std::string own_directory(const Robot& robot) {
    static std::atomic<int> count{0};
    return robot.directory() + "/ports" + std::to_string(++count);
}

std::vector<std::string> command_line(const Robot& robot, const std::string& directory,
                                      const std::vector<std::string>& devices,
                                      const std::vector<std::string>& options) {
    std::vector<std::string> command{"virtual_devices", "--device-types", robot.device_types(), "--directory",
                                     directory};
    for (const auto& device : devices)
        command.insert(command.end(), {"--device", device});
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

}  // namespace

VirtualDevices::VirtualDevices(const Robot& robot, const std::vector<std::string>& devices,
                               const std::vector<std::string>& options)
    : directory_(own_directory(robot)),
      process_(command_line(robot, directory_, devices, options), {}, StandardInput::written) {
    if (!process_.wait_for_output("ready"))
        throw std::runtime_error("virtual_devices did not start: " + process_.output());
}

std::string VirtualDevices::answer(const std::string& line) {
    if (process_.write_line(line))
        while (const auto output = process_.next_line(2 * patience))
            if (output->starts_with("ok") || output->starts_with("error"))
                return *output;
    throw std::runtime_error("virtual_devices did not answer \"" + line + "\": " + process_.output());
}

std::string VirtualDevices::command(const std::string& line) {
    const std::string text = answer(line);
    if (text.starts_with("error"))
        throw std::runtime_error("virtual_devices answered \"" + line + "\" with: " + text);
    return text == "ok" ? "" : text.substr(3);
}

Nanoseconds VirtualDevices::await(std::size_t index, const std::string& condition,
                                  std::chrono::milliseconds limit) {
    const std::string text =
        answer("await " + std::to_string(index) + " " + condition + " " + std::to_string(limit.count()));
    if (text.starts_with("error it is still"))
        return 0;
    if (text.starts_with("error"))
        throw std::runtime_error("virtual_devices does not understand \"" + condition + "\": " + text);
    return std::stoll(text.substr(text.rfind(' ') + 1));
}

}  // namespace runtime::test
