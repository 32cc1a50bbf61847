#include "shm_wrapper/block_watch.hpp"

#include <sys/stat.h>

#include "shm_wrapper/instance.hpp"

namespace runtime {
namespace {

/// The number of the file, which the kernel does not use again; 0: there is none.
ino_t file_at(const std::string& path) noexcept {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

BlockWatch::BlockWatch(std::string_view instance) {
    for (const BlockKind& kind : all_blocks()) {
        const std::string name = block_name(instance, kind.block);
        const std::string path = "/dev/shm" + name;
        blocks_.push_back({name, path, file_at(path)});
    }
}

std::optional<std::string> BlockWatch::check(Nanoseconds time) {
    if (time < next_look_)
        return std::nullopt;
    next_look_ = time + look_period;
    for (const Watched& block : blocks_) {
        const ino_t present = file_at(block.path);
        if (present == block.file)
            continue;
        return "shared memory block " + block.name + (present == 0 ? " was removed" : " was made anew") +
               ": this program ends, to be started again with the blocks that there are then";
    }
    return std::nullopt;
}

}  // namespace runtime
