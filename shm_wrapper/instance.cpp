#include "shm_wrapper/instance.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <optional>

#include "shm_wrapper/block_owner.hpp"
#include "shm_wrapper/futex.hpp"
#include "shm_wrapper/log_ring.hpp"
#include "shm_wrapper/wire_ring.hpp"

namespace runtime {
namespace {

constexpr const char* directory = "/dev/shm";

/// Making all blocks takes some milliseconds. Anybody may hold the lock, student code too: who holds it for
/// longer than this is not waited for.
constexpr Nanoseconds lock_limit = 5 * second;
constexpr Nanoseconds lock_retry = millisecond;

/// Held while blocks are made or removed, so that of several processes one does it after the other. It is on
/// the directory itself: there is no file that would be left behind, and the kernel unlocks it after a crash.
class Lock {
  public:
    Lock() noexcept : descriptor_(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        static const std::atomic<std::uint32_t> never{0};
        const Nanoseconds deadline = now() + lock_limit;
        while (descriptor_ >= 0 && !held_ && now() < deadline) {
            held_ = flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
            if (!held_)
                futex::wait(never, 0, now() + lock_retry);
        }
    }
    ~Lock() {
        if (descriptor_ >= 0)
            close(descriptor_);
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    void add_to(Report& report) const {
        if (!held_)
            report.push_back(std::string("somebody keeps ") + directory + " locked: not waiting any longer");
    }

  private:
    int descriptor_;
    bool held_ = false;
};

template <class T>
BlockKind kind(std::string_view block, std::string_view writer) {
    return {std::string(block), std::string(writer), T::layout_version, sizeof(T)};
}

/// What the block holds; nothing where it is not whole.
std::optional<DeviceTypes> published_types(std::string_view instance) {
    try {
        return TypesReader(instance)->types;
    } catch (const BlockError&) {
        // It is made anew.
    }
    return std::nullopt;
}

void fill(std::string_view instance, const DeviceTypes& types) {
    const BlockWriter<TypesBlock> block(instance);
    block->types = types;
    block->filled.store(1, std::memory_order_release);
}

void publish_types(std::string_view instance, Created created, const DeviceTypes& types, Report& report) {
    const std::string name = block_name(instance, TypesBlock::name);
    if (created != Created::made && published_types(instance) != types) {
        // Never changed in place: daemons that run keep the mapping that they have.
        unlink_block(name);
        create(name, TypesBlock::layout_version, sizeof(TypesBlock));
        fill(instance, types);
        report.push_back("device types have changed: daemons that run end now, to be started again");
    } else if (created == Created::made) {
        fill(instance, types);
    }
}

/// Whoever calls this has the lock.
void make_blocks(std::string_view instance, const DeviceTypes& types, Report& report) {
    for (const auto& [block, writer, layout_version, size] : all_blocks()) {
        const std::string name = block_name(instance, block);
        const Created created = create(name, layout_version, size);
        if (created == Created::repaired)
            report.push_back("repaired " + name + ": its writer had died");
        if (created == Created::replaced)
            report.push_back("replaced " + name +
                             ": it was unfinished, of another layout or of another mode");
        if (block == TypesBlock::name)
            publish_types(instance, created, types, report);
        give_to_writer(name, writer);
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
    const Lock lock;
    lock.add_to(report);
    make_blocks(instance, types, report);
    return report;
}

Report complete_blocks(std::string_view instance, const std::function<DeviceTypes()>& read_types) {
    Report report;
    const Lock lock;
    lock.add_to(report);
    const auto published = published_types(instance);
    make_blocks(instance, published ? *published : read_types(), report);
    return report;
}

Report stop_blocks(std::string_view instance) {
    Report report;
    const Lock lock;
    lock.add_to(report);
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
