#pragma once
/// What the kernel says of processes, in /proc.
#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runtime::test {

struct ListedProcess {
    pid_t pid;
    pid_t parent;
    char state;        ///< a letter; 'Z': it has ended, and its parent has not taken note of it
    std::string name;  ///< 15 characters; of what was started by a descriptor, its number
    std::vector<std::string> command;  ///< with arguments; empty: it has ended, or is the kernel's

    /// The name of its file; empty: it has ended, or is the kernel's.
    std::string program() const;
    bool has_word(std::string_view word) const;
};

/// All of this machine. One that ends meanwhile may be missing.
std::vector<ListedProcess> listed_processes();

/// Those that run for an instance: it is a word of their command line.
std::vector<ListedProcess> processes_of(std::string_view instance);

/// What each thread of the processes of an instance waits for in the kernel, a line each: for a failure that
/// says of somebody that nothing happened.
std::string waits_of(std::string_view instance);

/// 0 if there is no such process.
std::size_t open_descriptors(pid_t process);

/// A field of /proc/PID/status that is a size, as "VmRSS". 0 if there is no such process.
double mebibytes_of(pid_t process, const std::string& field);

}  // namespace runtime::test
