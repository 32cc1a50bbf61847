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

/// Starts `command` with an environment that holds nothing of ours, the descriptors of messages.hpp
/// (`commands` and `custom_data` may be empty), stdin from /dev/null, and SIGKILL as the signal that it gets
/// when executor dies. Throws std::system_error.
Launched launch(const std::vector<std::string>& command, const Descriptor& commands,
                const Descriptor& custom_data);

}  // namespace runtime::executor
