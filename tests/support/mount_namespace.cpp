#include "tests/support/mount_namespace.hpp"

#include <sys/mount.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "tests/support/network_namespace.hpp"

namespace runtime::test {
namespace {

constexpr const char* marker = "RUNTIME_TEST_MOUNT_NAMESPACE";

std::vector<std::string> with_new_mounts(std::vector<std::string> command) {
    command.insert(command.begin(),
                   {"/usr/bin/unshare", "--mount", "--net", "--propagation", "private", "--"});
    return command;
}

void only_here() {
    if (!in_mount_namespace())
        throw std::runtime_error("the file systems of this machine are not for tests to change");
}

}  // namespace

bool in_mount_namespace() {
    return std::getenv(marker) != nullptr;
}

std::optional<Result> run_in_mount_namespace(std::vector<std::string> arguments, std::string& reason) {
    // Not with a user namespace: student code would have no other user to run as.
    if (const auto attempt = run(with_new_mounts({"/bin/mount", "-t", "tmpfs", "none", "/mnt"}));
        attempt.status != 0) {
        reason = attempt.output;
        return std::nullopt;
    }
    arguments.insert(arguments.begin(), std::filesystem::read_symlink("/proc/self/exe").string());
    return run(with_new_mounts(std::move(arguments)),
               {std::string(marker) + "=1", std::string(network_namespace_marker) + "=1"});
}

void mount_memory(const std::string& directory, std::size_t bytes) {
    only_here();
    const std::string options = "mode=1777,size=" + std::to_string(bytes);
    if (mount("none", directory.c_str(), "tmpfs", 0, options.c_str()) != 0)
        throw std::runtime_error("cannot mount " + directory + ": " + std::generic_category().message(errno));
}

void make_root_read_only(const std::string& exception) {
    only_here();
    std::ifstream mounts("/proc/self/mounts");
    for (std::string line; std::getline(mounts, line);) {
        std::string device;
        std::string place;
        std::istringstream(line) >> device >> place;
        const auto below = [&](const std::string& top) {
            return place == top || place.starts_with(top + "/");
        };
        if (below("/dev") || below("/proc") || below("/sys") || place == exception)
            continue;
        if (mount(nullptr, place.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0 &&
            errno != ENOENT)  // hidden below another one
            throw std::runtime_error("cannot make " + place +
                                     " read-only: " + std::generic_category().message(errno));
    }
}

}  // namespace runtime::test
