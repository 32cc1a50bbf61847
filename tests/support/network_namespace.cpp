#include "tests/support/network_namespace.hpp"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace runtime::test {
namespace {

std::vector<std::string> with_new_networks(std::vector<std::string> command) {
    command.insert(command.begin(), {"/usr/bin/unshare", "--map-root-user", "--net", "--"});
    return command;
}

}  // namespace

bool in_network_namespace() {
    return std::getenv(network_namespace_marker) != nullptr;
}

std::optional<Result> run_in_network_namespace(std::vector<std::string> arguments, std::string& reason) {
    if (const auto attempt = run(with_new_networks({"/bin/true"})); attempt.status != 0) {
        reason = attempt.output;
        return std::nullopt;
    }
    arguments.insert(arguments.begin(), std::filesystem::read_symlink("/proc/self/exe").string());
    return run(with_new_networks(std::move(arguments)), {std::string(network_namespace_marker) + "=1"});
}

void set_loopback(bool up) {
    if (!in_network_namespace())
        throw std::runtime_error("the loopback interface of this machine is not for tests to switch off");
    const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = static_cast<short>(up ? IFF_UP : 0);
    const int result = ioctl(any, SIOCSIFFLAGS, &request);
    close(any);
    if (result != 0)
        throw std::runtime_error("cannot switch the loopback interface");
}

}  // namespace runtime::test
