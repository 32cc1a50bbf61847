#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace runtime::test {

/// Whether this process was started by run_in_mount_namespace().
bool in_mount_namespace();

/// Runs this program again, with these arguments, where what it mounts is seen by itself and its children
/// only, and in a network namespace of its own too (network_namespace.hpp). Nothing where the machine does
/// not allow that (it takes root); `reason` says why then.
std::optional<Result> run_in_mount_namespace(std::vector<std::string> arguments, std::string& reason);

/// Mounts an empty file system in memory of so many bytes. Only within such a namespace. Throws
/// std::runtime_error.
void mount_memory(const std::string& directory, std::size_t bytes);
/// Makes everything that is mounted read-only, except for /dev, /proc and /sys, what is below them, and
/// `exception`. Only within such a namespace. Throws std::runtime_error.
void make_root_read_only(const std::string& exception);

}  // namespace runtime::test
