#pragma once
#include <string>
#include <string_view>

namespace runtime {

/// The program that writes the block, by the name of its user: a block `devices` belongs to the user
/// `runtime-dev_handler` where there is one. Empty for what shm_start writes itself.
std::string_view writer_of(std::string_view block) noexcept;

/// Gives a block to the user `runtime-WRITER` and the group `runtime`, so that each daemon can have a user of
/// its own. Nothing where this process is not root, or there is no such user: then all belongs to whoever
/// runs the robot. `name` is that of the shared memory object. Throws BlockError.
void give_to_writer(const std::string& name, std::string_view block);

}  // namespace runtime
