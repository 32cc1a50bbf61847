#include "net_handler/blocks.hpp"

#include <bit>
#include <cstdint>

namespace runtime::net {
namespace {

/// How often to try a cell of the student process before going on with what was seen last: an honest writer
/// is through at the second attempt, a hostile one must not keep the loop.
constexpr int attempts = 4;

template <class T>
bool read_untrusted(const Cell<T>& cell, T& value, std::uint32_t* sequence = nullptr) {
    for (int attempt = 0; attempt < attempts; ++attempt)
        if (T copy; cell.try_read(copy, sequence)) {
            value = copy;
            return true;
        }
    return false;
}

template <class T>
bool same(const T& left, const T& right) {
    using Words = std::array<std::uint64_t, sizeof(T) / sizeof(std::uint64_t)>;
    return std::bit_cast<Words>(left) == std::bit_cast<Words>(right);
}

}  // namespace

Blocks::Blocks(const std::string& instance)
    : robot_(instance),
      inputs_(instance),
      types_(instance),
      devices_(instance),
      custom_data_(instance),
      published_robot_(robot_->state.read()),
      published_inputs_(inputs_->inputs.read()) {
    for (const auto process : logging_processes)
        logs_.emplace_back(instance, process, LogReader::From::oldest);
}

void Blocks::publish(const RobotState& robot, const Inputs& inputs) noexcept {
    // The inputs first: who reacts to the robot's state finds the inputs that belong to it.
    if (!same(inputs, published_inputs_)) {
        published_inputs_ = inputs;
        inputs_->inputs.publish_and_wake(inputs);
    }
    if (!same(robot, published_robot_)) {
        published_robot_ = robot;
        robot_->state.publish_and_wake(robot);
    }
}

void Blocks::beat(Nanoseconds time) const noexcept {
    robot_.beat(time);
    inputs_.beat(time);
}

void Blocks::look(RobotView& view) {
    view.device_count = 0;
    for (const auto& slot : devices_->slots) {
        DeviceIdentity identity;
        DeviceData data;
        if (!slot.identity.read(identity) || !slot.data.read(data))
            continue;
        const DeviceType* type = identity.connected ? types_->types.find(identity.type) : nullptr;
        if (!shown(identity, data, type))
            continue;
        const bool current = data.generation == identity.generation;
        view.devices[view.device_count++] = {type, identity.uid, current ? data.received : 0, data.values};
    }
    look_at_custom_data(view);
}

void Blocks::look_at_custom_data(RobotView& view) {
    view.custom_count = 0;
    CustomDataExtent extent;
    if (!read_untrusted(custom_data_->extent, extent) || extent.run_id != published_robot_.run_id ||
        extent.count > max_custom_values)
        return;
    for (std::size_t i = 0; i < extent.count; ++i) {
        const auto& cell = custom_data_->values[i];
        SeenValue& seen = seen_[i];
        if ((!seen.known || cell.sequence() != seen.sequence) &&
            read_untrusted(cell, seen.value, &seen.sequence)) {
            seen.known = true;
            seen.shown = shown(seen.value);
        }
        if (seen.known && seen.shown)
            view.custom[view.custom_count++] = seen.value;
    }
}

std::vector<LogMerge::Source> Blocks::log_sources() {
    std::vector<LogMerge::Source> sources;
    for (std::size_t i = 0; i < logs_.size(); ++i)
        sources.push_back({std::string(logging_processes[i]), [this, i] { return logs_[i].next(); }});
    return sources;
}

std::vector<const std::atomic<std::uint32_t>*> Blocks::log_words() const {
    std::vector<const std::atomic<std::uint32_t>*> words;
    for (const auto& log : logs_)
        words.push_back(&log.word());
    return words;
}

}  // namespace runtime::net
