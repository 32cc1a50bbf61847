#include "tests/support/process_table.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>

namespace runtime::test {
namespace {

namespace fs = std::filesystem;

fs::path directory_of(pid_t process) {
    return "/proc/" + std::to_string(process);
}

std::optional<ListedProcess> listed(const fs::path& directory) {
    ListedProcess process{};
    const std::string number = directory.filename();
    const char* const end = number.data() + number.size();
    if (std::from_chars(number.data(), end, process.pid).ptr != end)
        return std::nullopt;
    std::string line;
    std::getline(std::ifstream(directory / "stat"), line);
    // The name stands in brackets, and may have some itself.
    const auto begin_of_name = line.find('(');
    const auto end_of_name = line.rfind(')');
    if (end_of_name == std::string::npos)
        return std::nullopt;
    process.name = line.substr(begin_of_name + 1, end_of_name - begin_of_name - 1);
    std::istringstream(line.substr(end_of_name + 1)) >> process.state >> process.parent;
    std::ifstream command(directory / "cmdline");
    for (std::string word; std::getline(command, word, '\0');)
        process.command.push_back(word);
    return process;
}

}  // namespace

std::string ListedProcess::program() const {
    return command.empty() ? "" : fs::path(command.front()).filename().string();
}

bool ListedProcess::has_word(std::string_view word) const {
    return std::find(command.begin(), command.end(), word) != command.end();
}

std::vector<ListedProcess> listed_processes() {
    std::vector<ListedProcess> all;
    for (const auto& entry : fs::directory_iterator("/proc"))
        if (auto process = listed(entry.path()))
            all.push_back(std::move(*process));
    return all;
}

std::vector<ListedProcess> processes_of(std::string_view instance) {
    auto all = listed_processes();
    std::erase_if(all, [&](const ListedProcess& process) { return !process.has_word(instance); });
    return all;
}

std::string waits_of(std::string_view instance) {
    std::ostringstream all;
    for (const auto& process : processes_of(instance)) {
        std::error_code gone;
        fs::directory_iterator threads(directory_of(process.pid) / "task", gone);
        for (; !gone && threads != fs::directory_iterator(); threads.increment(gone)) {
            const fs::path directory = threads->path();
            const auto line_of = [&](const char* file) {
                std::string line;
                std::getline(std::ifstream(directory / file), line);
                return line;
            };
            if (const auto thread = listed(directory))
                all << process.program() << ' ' << thread->pid << " (" << thread->name << "): state "
                    << thread->state << ", in " << line_of("wchan") << ", system call " << line_of("syscall")
                    << '\n';
        }
    }
    return all.str();
}

std::size_t open_descriptors(pid_t process) {
    std::error_code error;
    const fs::directory_iterator all(directory_of(process) / "fd", error);
    return error ? 0 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

double mebibytes_of(pid_t process, const std::string& field) {
    std::ifstream status(directory_of(process) / "status");
    for (std::string word; status >> word;) {
        double kibibytes = 0;
        if (word == field + ":" && status >> kibibytes)
            return kibibytes / 1024;
    }
    return 0;
}

}  // namespace runtime::test
