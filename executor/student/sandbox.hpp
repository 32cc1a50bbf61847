#pragma once
#include <string>

namespace runtime::student {

/// What keeps student code inside its process. Each step throws std::system_error or std::runtime_error: a
/// process that cannot be confined does not run student code.
///
/// The order matters: blocks are attached before privileges go, the scratch directory is given away and the
/// limits are set before, and the filter comes last.

/// The one directory that student code may write into: made if it is not there, owned by the user that
/// student code runs as, and the current directory from then on. False where that cannot be had (a
/// read-only or full file system, no such parent, somebody else's directory of that name): student code then
/// runs without a directory, and why is said on stderr.
bool enter_scratch_directory(const std::string& path);

/// Memory, open files, file size and core dumps; the priority; and that the kernel ends this process first
/// when memory runs short. Before drop_privileges: a process that has changed its user may not say the last.
void limit_resources();

/// Of a daemon started as root: becomes the user `runtime-student`, or `nobody` where that one does not
/// exist, without any group. Otherwise the process stays who it is. Afterwards the process dies with `parent`
/// again, which a change of the user undoes.
void drop_privileges(int parent);

/// No file may be changed or made outside the scratch directory (Landlock; empty: there is none). False where
/// the kernel has no Landlock: then filter_system_calls must refuse all writing.
bool confine_writing(const std::string& scratch);

/// Threads but no processes, sockets but AF_UNIX only, no signals to others, no tracing, no mounting.
/// What is refused fails with EPERM: a PermissionError in Python.
void filter_system_calls(bool refuse_writing);

/// All of it, in order.
void enter_sandbox(const std::string& scratch, int parent);

}  // namespace runtime::student
