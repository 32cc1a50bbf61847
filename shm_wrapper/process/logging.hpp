#pragma once
#include <spdlog/spdlog.h>

#include <string>
#include <string_view>

#include "shm_wrapper/log_ring.hpp"
#include "shm_wrapper/process/options.hpp"

namespace runtime {

/// Sends spdlog's default logger to stderr (coloured on a terminal; below systemd with the level prefix that
/// journald reads) and to the process's ring. Throws BlockError, also if the program runs already for this
/// instance. Call it once, first thing after the options; the ring lives as long as the process.
void start_logging(const ProgramOptions& options);

/// stderr only, for programs without a ring (shm_start, shm_stop, virtual_devices).
void start_logging_to_stderr(const ProgramOptions& options);

/// Logs one line in the words of student code or of a device. Thread-safe. The text is taken as it is, but
/// control characters other than tab are replaced by `?`, and bytes that are not UTF-8 by U+FFFD. Allocates
/// nothing for a line that is shown in at most 1024 bytes and is no longer than one before.
void log_line(LogLevel level, LogSource source, std::string_view line);

/// `text` as log_line would show it.
std::string printable(std::string_view text);

}  // namespace runtime
