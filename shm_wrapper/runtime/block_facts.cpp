#include "shm_wrapper/runtime/block_facts.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "shm_wrapper/block.hpp"

namespace runtime::overview {
namespace {

BlockFacts unreadable(BlockFacts facts, int error) {
    facts.condition = error == ENOENT ? BlockCondition::missing : BlockCondition::unreadable;
    facts.reason = std::generic_category().message(error);
    return facts;
}

void read_header(int descriptor, std::size_t size, BlockFacts& facts) {
    BlockHeader header{};
    facts.time = now();  // before: a heartbeat must not look older than it is
    // Read and not mapped: student code may shorten its blocks at any moment.
    const ssize_t length = pread(descriptor, static_cast<void*>(&header), sizeof header, 0);
    if (length != sizeof header || header.magic != block_magic) {
        facts.condition = BlockCondition::unfinished;
        return;
    }
    facts.layout_version = header.layout_version;
    facts.size = header.size;
    if (header.layout_version != facts.kind.layout_version || header.size != facts.kind.size ||
        size != facts.kind.size) {
        facts.condition = BlockCondition::other_layout;
        return;
    }
    facts.condition = BlockCondition::whole;
    facts.writer = header.writer;
    facts.writer_lives = process_lives(facts.writer);
    facts.writers = header.writers;
    facts.heartbeat = header.heartbeat;
}

}  // namespace

std::string_view name_of(BlockCondition condition) noexcept {
    switch (condition) {
        case BlockCondition::whole:
            return "whole";
        case BlockCondition::missing:
            return "missing";
        case BlockCondition::unfinished:
            return "unfinished";
        case BlockCondition::other_layout:
            return "other layout";
        case BlockCondition::unreadable:
            return "unreadable";
    }
    return "unknown";
}

BlockFacts examine(std::string_view instance, const BlockKind& kind) {
    BlockFacts facts;
    facts.kind = kind;
    const int descriptor = shm_open(block_name(instance, kind.block).c_str(), O_RDONLY, 0);
    if (descriptor < 0)
        return unreadable(std::move(facts), errno);
    struct stat status {};
    if (fstat(descriptor, &status) != 0)
        facts = unreadable(std::move(facts), errno);
    else
        read_header(descriptor, static_cast<std::size_t>(status.st_size), facts);
    close(descriptor);
    return facts;
}

std::vector<BlockFacts> examine_all(std::string_view instance) {
    std::vector<BlockFacts> result;
    for (const auto& kind : all_blocks())
        result.push_back(examine(instance, kind));
    return result;
}

}  // namespace runtime::overview
