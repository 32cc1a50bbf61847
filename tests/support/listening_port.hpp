#pragma once
#include <sys/types.h>

#include <cstdint>

namespace runtime::test {

/// The TCP port that a process listens on, once it does: for one that does not say so. Throws
/// std::runtime_error if it does not in time.
std::uint16_t listening_port_of(pid_t pid);

}  // namespace runtime::test
