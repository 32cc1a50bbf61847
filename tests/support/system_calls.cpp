#include "tests/support/system_calls.hpp"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace runtime::test {
namespace {

/// 0 if the kernel does not tell.
std::uint64_t tracepoint() {
    for (const char* directory : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
        std::ifstream file(std::string(directory) + "/events/raw_syscalls/sys_enter/id");
        if (std::uint64_t id = 0; file >> id)
            return id;
    }
    return 0;
}

}  // namespace

SystemCalls::SystemCalls(pid_t pid) {
    perf_event_attr event{};
    event.type = PERF_TYPE_TRACEPOINT;
    event.size = sizeof event;
    event.config = tracepoint();
    complete_ = event.config != 0;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        const auto id = static_cast<pid_t>(std::stol(thread.path().filename().string()));
        const long counter = syscall(SYS_perf_event_open, &event, id, -1, -1, PERF_FLAG_FD_CLOEXEC);
        complete_ = complete_ && counter >= 0;
        if (counter >= 0)
            counters_.push_back(static_cast<int>(counter));
    }
}

SystemCalls::~SystemCalls() {
    for (const int counter : counters_)
        close(counter);
}

std::optional<std::uint64_t> SystemCalls::count() const {
    std::uint64_t sum = 0;
    for (const int counter : counters_) {
        std::uint64_t value = 0;
        if (!complete_ || read(counter, &value, sizeof value) != sizeof value)
            return std::nullopt;
        sum += value;
    }
    return complete_ ? std::optional(sum) : std::nullopt;
}

}  // namespace runtime::test
