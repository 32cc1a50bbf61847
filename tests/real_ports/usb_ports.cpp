#include "tests/real_ports/usb_ports.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/support/robot.hpp"

namespace runtime::test {
namespace {

// real_ports.sh and guest.sh give these names.
const std::string monitor_path = "/dev/virtio-ports/monitor";
constexpr std::string_view gadgets = "/sys/kernel/config/usb_gadget/";

bool is_gadget(const std::string& port) {
    return port.starts_with("acm");
}

std::string number_of(const std::string& port) {
    return port.substr(port.find_first_of("0123456789"));
}

void bind_gadget(const std::string& port, const std::string& controller) {
    const std::string path = std::string(gadgets) + port + "/UDC";
    const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const std::string text = controller + "\n";
    const bool written =
        descriptor >= 0 && write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int error = errno;
    if (descriptor >= 0)
        close(descriptor);
    if (!written)
        throw std::runtime_error(path + ": " + std::strerror(error));
}

}  // namespace

UsbPorts::UsbPorts() : monitor_(open(monitor_path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)) {
    if (monitor_ < 0)
        throw std::runtime_error(monitor_path + ": " + std::strerror(errno));
    ask(R"({"execute": "qmp_capabilities"})");
}

UsbPorts::~UsbPorts() {
    close(monitor_);
}

std::string UsbPorts::device_side(const std::string& port) {
    return is_gadget(port) ? "/dev/ttyGS" + number_of(port) : "/dev/virtio-ports/" + port;
}

std::string UsbPorts::next_line() {
    while (true) {
        if (const auto end = received_.find('\n'); end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        pollfd wait{monitor_, POLLIN, 0};
        if (poll(&wait, 1, std::chrono::milliseconds(patience).count()) != 1)
            throw std::runtime_error("the emulator's monitor does not answer");
        std::array<char, 4096> bytes{};
        const ssize_t size = read(monitor_, bytes.data(), bytes.size());
        if (size > 0)
            received_.append(bytes.data(), static_cast<std::size_t>(size));
    }
}

std::string UsbPorts::ask(const std::string& command) {
    const std::string line = command + "\n";
    if (write(monitor_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        throw std::runtime_error("the emulator's monitor takes nothing");
    while (true) {
        std::string answer = next_line();
        if (answer.starts_with(R"({"return")") || answer.starts_with(R"({"error")"))
            return answer;
    }
}

bool UsbPorts::must_be_quiet(const std::string& port) {
    return !is_gadget(port);
}

void UsbPorts::unplug(const std::string& port) {
    if (is_gadget(port)) {
        bind_gadget(port, "");
    } else {
        // What the device sent last reaches the bridge before the emulator has answered this twice.
        ask(R"({"execute": "query-status"})");
        ask(R"({"execute": "query-status"})");
        remove_bridge(port);
    }
    if (!wait_until([&] { return !present(port); }))
        throw std::runtime_error(port + " does not go");
}

void UsbPorts::remove_bridge(const std::string& port) {
    if (const auto answer = ask(R"({"execute": "device_del", "arguments": {"id": ")" + port + R"("}})");
        answer.starts_with(R"({"error")"))
        throw std::runtime_error("unplug " + port + ": " + answer);
}

void UsbPorts::plug(const std::string& port) {
    if (is_gadget(port)) {
        bind_gadget(port, "dummy_udc." + number_of(port));
        return;
    }
    const std::string command =
        R"({"execute": "device_add", "arguments": {"driver": "usb-serial", "bus": "usb.0", "id": ")" + port +
        R"(", "chardev": ")" + port + R"(", "serial": ")" + port + R"(", "port": ")" +
        std::to_string(std::stoi(number_of(port)) + 1) + R"("}})";
    // For a moment after an unplug the emulator still takes the name for used.
    std::string answer;
    if (!wait_until([&] {
            answer = ask(command);
            return answer.starts_with(R"({"return")");
        }))
        throw std::runtime_error("plug " + port + ": " + answer);
}

bool UsbPorts::present(const std::string& port) {
    std::error_code ignored;
    for (const auto& device : std::filesystem::directory_iterator("/sys/bus/usb/devices", ignored)) {
        std::ifstream file(device.path() / "serial");
        std::string serial;
        if (std::getline(file, serial) && serial == port)
            return true;
    }
    return false;
}

}  // namespace runtime::test
