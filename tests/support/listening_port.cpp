#include "tests/support/listening_port.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/support/robot.hpp"

namespace runtime::test {
namespace {

constexpr const char* listening = "0A";  // proc(5), /proc/net/tcp

/// 0: on none yet.
std::uint16_t find_port(const std::string& process) {
    std::set<std::string> sockets;
    std::error_code ignored;
    for (const auto& file : std::filesystem::directory_iterator(process + "/fd", ignored))
        sockets.insert(std::filesystem::read_symlink(file, ignored).string());
    for (const char* table : {"/net/tcp", "/net/tcp6"}) {
        std::ifstream lines(process + table);
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
            words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
                timeout >> inode;
            if (state == listening && sockets.count("socket:[" + inode + "]") != 0)
                return static_cast<std::uint16_t>(std::stoi(local.substr(local.rfind(':') + 1), nullptr, 16));
        }
    }
    return 0;
}

}  // namespace

std::uint16_t listening_port_of(pid_t pid) {
    const std::string process = "/proc/" + std::to_string(pid);
    std::uint16_t port = 0;
    if (!wait_until([&] { return (port = find_port(process)) != 0; }))
        throw std::runtime_error(process + " listens nowhere");
    return port;
}

}  // namespace runtime::test
