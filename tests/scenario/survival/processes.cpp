#include "tests/scenario/survival/processes.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "tests/support/process_table.hpp"

namespace runtime::test {
namespace {

namespace fs = std::filesystem;

Nanoseconds waited(pid_t process) {
    Nanoseconds total = 0;
    std::error_code error;
    for (fs::directory_iterator thread("/proc/" + std::to_string(process) + "/task", error), end;
         !error && thread != end; thread.increment(error)) {
        Nanoseconds ran = 0;
        Nanoseconds waited_here = 0;
        std::ifstream(thread->path() / "schedstat") >> ran >> waited_here;
        total += waited_here;
    }
    return total;
}

/// The kernel's own threads that carry what is sent: to a socket of this machine, and to a pseudo-terminal.
/// In a container they are not seen.
std::vector<pid_t> carriers() {
    std::vector<pid_t> found;
    for (const auto& process : listed_processes())
        if (process.name.rfind("ksoftirqd/", 0) == 0 || process.name.rfind("kworker/u", 0) == 0)
            found.push_back(process.pid);
    return found;
}

}  // namespace

std::size_t zombies_of(pid_t parent) {
    const auto all = listed_processes();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const ListedProcess& process) {
        return process.state == 'Z' && process.parent == parent;
    }));
}

std::size_t count_blocks(const std::string& instance) {
    const fs::directory_iterator all("/dev/shm");
    return static_cast<std::size_t>(std::count_if(begin(all), end(all), [&](const auto& entry) {
        return entry.path().filename().string().find("-" + instance + "-") != std::string::npos;
    }));
}

ProcessorWaits::ProcessorWaits(const MachineStalls& stalls, std::string instance, std::vector<pid_t> others)
    : stalls_(stalls),
      stalls_before_(stalls.total()),
      instance_(std::move(instance)),
      others_(std::move(others)),
      before_(all()) {}

std::map<pid_t, Nanoseconds> ProcessorWaits::all() const {
    std::map<pid_t, Nanoseconds> result;
    for (const pid_t process : others_)
        result[process] = waited(process);
    for (const pid_t thread : carriers())
        result[thread] = waited(thread);
    if (instance_.empty())
        return result;
    for (const auto& process : processes_of(instance_))
        result[process.pid] = waited(process.pid);
    return result;
}

Nanoseconds ProcessorWaits::total() const {
    Nanoseconds total = stalls_.total() - stalls_before_;
    for (const auto& [process, waited_now] : all()) {
        const auto before = before_.find(process);
        total += std::max<Nanoseconds>(0, waited_now - (before == before_.end() ? 0 : before->second));
    }
    return total;
}

}  // namespace runtime::test
