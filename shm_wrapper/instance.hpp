#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "shm_wrapper/layout.hpp"

namespace runtime {

/// A block that every robot has.
struct BlockKind {
    std::string block;   ///< the part of its name that tells it from others: "devices"
    std::string writer;  ///< the daemon that writes it, or whose child does; empty: shm_start alone
    std::uint32_t layout_version;
    std::size_t size;
};
/// All of them.
std::vector<BlockKind> all_blocks();

/// What start_blocks did, in lines for a person.
using Report = std::vector<std::string>;

/// Creates every block of the instance and publishes the device types. Over leftovers of a crash it repairs
/// what can be repaired, makes the rest anew, and says so in the report; what is whole it leaves alone, so
/// that it may be called again at any time, also while daemons run, and by several processes at once. But a
/// types block with other types than these is made anew, and the daemons that run end by themselves
/// (BlockWatch). Throws BlockError.
Report start_blocks(std::string_view instance, const DeviceTypes& types);

/// As start_blocks, but a types block that is whole stays as it is, whatever it holds. `read_types` is called
/// only where it has to be made, and before any block is made; what it throws is thrown.
Report complete_blocks(std::string_view instance, const std::function<DeviceTypes()>& read_types);

/// Removes every block of the instance, also while daemons run or after they were killed. The report names
/// blocks whose writer still runs. Throws BlockError where a block may not be removed.
Report stop_blocks(std::string_view instance);

}  // namespace runtime
