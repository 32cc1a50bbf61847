#pragma once
#include <string>

namespace runtime {

/// Says READY=1 to the service manager. Nothing where there is none (NOTIFY_SOCKET is not set).
void notify_ready();
/// Feeds the service manager's watchdog. Call it with the heartbeat; it makes a system call only when a
/// watchdog is set (WATCHDOG_USEC) and a quarter of its time has passed.
void notify_watchdog();
/// Says STOPPING=1.
void notify_stopping();

/// Runs the body of a program's main: a BlockError or another exception at start-up becomes one line on
/// stderr (and in the log, where one is) and exit status 1.
int run_program(const std::string& program, int (*body)(int argc, char** argv), int argc, char** argv);

}  // namespace runtime
