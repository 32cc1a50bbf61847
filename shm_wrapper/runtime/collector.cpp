#include "shm_wrapper/runtime/collector.hpp"

#include <unistd.h>

#include <chrono>
#include <ctime>
#include <optional>
#include <utility>

#include "shm_wrapper/layout.hpp"

namespace runtime::overview {
namespace {

/// So that a process that logs without end does not keep us looking without end.
constexpr std::size_t max_lines_a_look = 2 * logging_processes.size() * LogBlock::capacity;

Moment present() {
    timespec boot{};
    clock_gettime(CLOCK_BOOTTIME, &boot);
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {now(), boot.tv_sec * second + boot.tv_nsec,
            std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count(), sysconf(_SC_CLK_TCK)};
}

template <class T>
std::optional<BlockReader<T>> open_block(const std::string& instance) {
    try {
        return BlockReader<T>(instance);
    } catch (const BlockError&) {
        return std::nullopt;  // examine() has said what is wrong
    }
}

std::optional<std::vector<Device>> devices_of(const std::string& instance, const Daemon& dev_handler) {
    const auto block = open_block<DevicesBlock>(instance);
    if (!block)
        return std::nullopt;
    const auto types = open_block<TypesBlock>(instance);
    std::vector<Device> devices;
    for (const auto& slot : (*block)->slots) {
        const DeviceIdentity identity = slot.identity.read();
        if (identity.generation == 0)
            continue;
        const DeviceType* type = types ? (*types)->types.find(identity.type) : nullptr;
        devices.push_back(device_from(identity, slot.data.read(), slot.statistics.read(), type, dev_handler));
    }
    return devices;
}

}  // namespace

Collector::Collector(std::string instance) : instance_(std::move(instance)), rings_(instance_) {}

Snapshot Collector::look() {
    Snapshot snapshot;
    snapshot.instance = instance_;
    snapshot.blocks = examine_all(instance_);
    snapshot.moment = present();
    snapshot.daemons = daemons_from(snapshot.blocks, snapshot.moment);
    if (const auto robot = open_block<RobotBlock>(instance_))
        snapshot.robot = (*robot)->state.read();
    if (const auto student = open_block<StudentBlock>(instance_))
        snapshot.student = (*student)->state.read();
    snapshot.devices = devices_of(instance_, daemon(snapshot, "dev_handler"));
    rings_.refresh();
    for (std::size_t i = 0; i < max_lines_a_look; ++i) {
        auto line = rings_.next();
        if (!line)
            break;
        keep_problem(problems_, std::move(*line));
    }
    snapshot.problems = problems_;
    return snapshot;
}

}  // namespace runtime::overview
