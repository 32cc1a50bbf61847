#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "executor/descriptor.hpp"

namespace runtime::executor {

/// A process that was just started, and our ends of what connects us with it.
struct Launched {
    pid_t pid = -1;
    Descriptor process;  ///< pidfd: readable once the process has ended
    Descriptor channel;  ///< our end of the socket; non-blocking
    Descriptor output;   ///< its stdout and stderr; non-blocking
};

/// A program that was opened once: what is started is that file, also after an update has put another, which
/// may speak differently, in its place.
class Program {
  public:
    /// Throws std::system_error if it cannot be run.
    explicit Program(std::string path);
    const std::string& path() const noexcept { return path_; }
    const Descriptor& file() const noexcept { return file_; }

  private:
    std::string path_;
    Descriptor file_;
};

/// Starts the program with an environment that holds nothing of ours, the descriptors of messages.hpp
/// (`commands` and `custom_data` may be empty), stdin from /dev/null, no terminal, and SIGKILL as the signal
/// that it gets when executor dies. Throws std::system_error.
Launched launch(const Program& program, const std::vector<std::string>& arguments, const Descriptor& commands,
                const Descriptor& custom_data);

}  // namespace runtime::executor
