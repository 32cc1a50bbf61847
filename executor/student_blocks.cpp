#include "executor/student_blocks.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <system_error>

#include "shm_wrapper/layout.hpp"

namespace runtime::executor {
namespace {

/// Nothing that stands in the block may be taken for a command of the next run. The counters stay: one that
/// moves is a command.
void forget_content(CommandsBlock& block) {
    for (auto& slot : block.slots) {
        SlotCommands left{};
        if (!slot.try_read(left))
            left = {};
        left.run_id = 0;
        left.values = {};
        slot.publish(left);
    }
}

void forget_content(CustomDataBlock& /*block*/) {}

template <class T>
void restore(const std::string& instance) {
    const std::string name = block_name(instance, T::name);
    const Descriptor descriptor(open_for_child(name));
    void* address = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.get(), 0);
    if (address == MAP_FAILED)
        throw BlockError("shared memory block " + name +
                         " cannot be mapped: " + std::generic_category().message(errno));
    const Mapping mapping(address, sizeof(T));
    forget_content(*static_cast<T*>(address));
    BlockHeader& header = mapping.header();
    header.layout_version = T::layout_version;
    header.size = sizeof(T);
    header.writer.store(0, std::memory_order_relaxed);
    header.waiting.store(0, std::memory_order_seq_cst);
    header.heartbeat.store(0, std::memory_order_relaxed);
    header.magic.store(block_magic, std::memory_order_release);
}

}  // namespace

void restore_student_blocks(const std::string& instance) {
    restore<CommandsBlock>(instance);
    restore<CustomDataBlock>(instance);
}

StudentBlocks open_student_blocks(const std::string& instance) {
    return {Descriptor(open_for_child(block_name(instance, CommandsBlock::name))),
            Descriptor(open_for_child(block_name(instance, CustomDataBlock::name)))};
}

}  // namespace runtime::executor
