#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace runtime::test {

/// Counts the system calls that the present threads of a process begin, by the kernel's own tracepoint. Needs
/// root and a mounted tracefs; where there is none of that it counts nothing.
class SystemCalls {
  public:
    explicit SystemCalls(pid_t pid);
    ~SystemCalls();
    SystemCalls(const SystemCalls&) = delete;
    SystemCalls& operator=(const SystemCalls&) = delete;

    /// Since the beginning; nothing if they cannot be counted here.
    std::optional<std::uint64_t> count() const;

  private:
    std::vector<int> counters_;
    bool complete_ = false;
};

}  // namespace runtime::test
