#pragma once
#include <string>

namespace runtime {

/// Gives a block to the user `runtime-WRITER` (root where `writer` is empty or there is no such user) and the
/// group `runtime`, so that each daemon can have a user of its own. Nothing where this process is not root or
/// there is no such group: then all belongs to whoever runs the robot. `name` is that of the shared memory
/// object. Throws BlockError.
void give_to_writer(const std::string& name, const std::string& writer);

}  // namespace runtime
