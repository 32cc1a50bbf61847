#include "tests/scenario/survival/processes.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

namespace runtime::test {
namespace {

namespace fs = std::filesystem;

std::string proc(pid_t process) {
    return "/proc/" + std::to_string(process);
}

std::vector<pid_t> all_processes() {
    std::vector<pid_t> all;
    std::error_code error;
    for (fs::directory_iterator process("/proc", error), end; !error && process != end;
         process.increment(error)) {
        const std::string number = process->path().filename();
        if (number.find_first_not_of("0123456789") == std::string::npos)
            all.push_back(std::stoi(number));
    }
    return all;
}

Nanoseconds waited(pid_t process) {
    Nanoseconds total = 0;
    std::error_code error;
    for (fs::directory_iterator thread(proc(process) + "/task", error), end; !error && thread != end;
         thread.increment(error)) {
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
    for (const pid_t process : all_processes()) {
        std::string name;
        std::getline(std::ifstream(proc(process) + "/comm"), name);
        if (name.rfind("ksoftirqd/", 0) == 0 || name.rfind("kworker/u", 0) == 0)
            found.push_back(process);
    }
    return found;
}

}  // namespace

std::map<pid_t, std::string> processes_of(const std::string& instance) {
    std::map<pid_t, std::string> found;
    for (const pid_t process : all_processes()) {
        std::ifstream file(proc(process) + "/cmdline");
        std::vector<std::string> words;
        for (std::string word; std::getline(file, word, '\0');)
            words.push_back(word);
        if (std::find(words.begin(), words.end(), instance) != words.end())
            found[process] = fs::path(words.front()).filename();
    }
    return found;
}

std::size_t zombies_of(pid_t parent) {
    const auto all = all_processes();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](pid_t process) {
        std::string line;
        std::getline(std::ifstream(proc(process) + "/stat"), line);
        // The name stands in brackets, and may have some itself.
        std::istringstream behind_name(line.substr(line.rfind(')') + 1));
        char state = 0;
        pid_t its_parent = 0;
        return behind_name >> state >> its_parent && state == 'Z' && its_parent == parent;
    }));
}

std::size_t count_blocks(const std::string& instance) {
    const fs::directory_iterator all("/dev/shm");
    return static_cast<std::size_t>(std::count_if(begin(all), end(all), [&](const auto& entry) {
        return entry.path().filename().string().find("-" + instance + "-") != std::string::npos;
    }));
}

std::size_t open_descriptors(pid_t process) {
    std::error_code error;
    const fs::directory_iterator all(proc(process) + "/fd", error);
    return error ? 0 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

double own_mebibytes(pid_t process) {
    std::ifstream status(proc(process) + "/status");
    for (std::string word; status >> word;) {
        double value = 0;
        if (word == "RssAnon:" && status >> value)
            return value / 1024;
    }
    return 0;
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
    for (const auto& [process, program] : processes_of(instance_))
        result[process] = waited(process);
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
