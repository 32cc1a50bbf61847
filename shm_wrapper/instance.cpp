#include "shm_wrapper/instance.hpp"

#include "shm_wrapper/block_owner.hpp"
#include "shm_wrapper/log_ring.hpp"
#include "shm_wrapper/wire_ring.hpp"

namespace runtime {
namespace {

template <class T>
BlockKind kind(std::string_view block, std::string_view writer) {
    return {std::string(block), std::string(writer), T::layout_version, sizeof(T)};
}

/// True if the block holds these types already.
bool holds(std::string_view instance, const DeviceTypes& types) {
    const BlockReader<TypesBlock> block(instance);
    return block->filled.load(std::memory_order_acquire) == 1 && block->types == types;
}

void fill(std::string_view instance, const DeviceTypes& types) {
    const BlockWriter<TypesBlock> block(instance);
    block->types = types;
    block->filled.store(1, std::memory_order_release);
}

void publish_types(std::string_view instance, Created created, const DeviceTypes& types, Report& report) {
    const std::string name = block_name(instance, TypesBlock::name);
    if (created != Created::made && !holds(instance, types)) {
        // Never changed in place: daemons that run keep the mapping that they have.
        unlink_block(name);
        create(name, TypesBlock::layout_version, sizeof(TypesBlock));
        fill(instance, types);
        report.push_back("device types have changed: restart the daemons that run");
    } else if (created == Created::made) {
        fill(instance, types);
    }
}

}  // namespace

std::vector<BlockKind> all_blocks() {
    std::vector<BlockKind> blocks{kind<TypesBlock>(TypesBlock::name, {}),
                                  kind<DevicesBlock>(DevicesBlock::name, "dev_handler"),
                                  kind<RobotBlock>(RobotBlock::name, "net_handler"),
                                  kind<InputsBlock>(InputsBlock::name, "net_handler"),
                                  kind<CommandsBlock>(CommandsBlock::name, "executor"),
                                  kind<CustomDataBlock>(CustomDataBlock::name, "executor"),
                                  kind<StudentBlock>(StudentBlock::name, "executor"),
                                  kind<WireBlock>(WireBlock::name, "dev_handler")};
    for (const auto process : logging_processes)
        blocks.push_back(kind<LogBlock>(log_block_name(process), process));
    return blocks;
}

Report start_blocks(std::string_view instance, const DeviceTypes& types) {
    Report report;
    for (const auto& [block, writer, layout_version, size] : all_blocks()) {
        const std::string name = block_name(instance, block);
        const Created created = create(name, layout_version, size);
        if (created == Created::repaired)
            report.push_back("repaired " + name + ": its writer had died");
        if (created == Created::replaced)
            report.push_back("replaced " + name + ": it was unfinished or of another layout");
        if (block == TypesBlock::name)
            publish_types(instance, created, types, report);
        give_to_writer(name, writer);
    }
    return report;
}

Report stop_blocks(std::string_view instance) {
    Report report;
    for (const auto& kind : all_blocks()) {
        const std::string name = block_name(instance, kind.block);
        try {
            const Mapping mapping = attach(name, kind.layout_version, kind.size, Access::read);
            const auto writer = mapping.header().writer.load(std::memory_order_acquire);
            if (process_lives(writer))
                report.push_back(name + " was removed although process " + std::to_string(pid_of(writer)) +
                                 " still writes it");
        } catch (const BlockError&) {
            // Absent or damaged: nobody can be writing it.
        }
        unlink_block(name);
    }
    return report;
}

}  // namespace runtime
