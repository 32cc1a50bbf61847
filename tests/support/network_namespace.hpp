#pragma once
#include <optional>
#include <string>

#include "tests/support/process.hpp"

namespace runtime::test {

/// Tells a program that it runs in a network namespace of its own.
inline constexpr const char* network_namespace_marker = "RUNTIME_TEST_NETWORK_NAMESPACE";

/// Whether this process was started by run_in_network_namespace().
bool in_network_namespace();

/// Runs this program again, with these arguments, in a network namespace of its own: its loopback interface
/// is the only one, down at first, and nobody else's. Nothing where the machine does not allow that (it takes
/// root, or user namespaces); `reason` says why then.
std::optional<Result> run_in_network_namespace(std::vector<std::string> arguments, std::string& reason);

/// Sets the loopback interface up or down: down, every packet between two local sockets is lost, as on a dead
/// link. Only within such a namespace. Throws std::runtime_error.
void set_loopback(bool up);

}  // namespace runtime::test
