#include "executor/student/robot_link.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "executor/student/closest_name.hpp"
#include "executor/student/ending.hpp"
#include "shm_wrapper/futex.hpp"

namespace runtime::student {

RobotLink::RobotLink(std::string instance)
    : instance_(std::move(instance)),
      types_(instance_),
      devices_(instance_),
      robot_(instance_),
      inputs_(instance_) {
    for (std::size_t i = 0; i < types().count; ++i)
        parameter_names_.push_back(names_of(types().list[i]));
}

void RobotLink::begin_run(const executor::StartOrder& order, int commands, int custom_data) {
    commands_.emplace(commands, instance_, CommandsBlock::name);
    custom_data_.emplace(custom_data, instance_, CustomDataBlock::name);
    order_ = order;
    // The counters go on from where the last run's stopped: a reader takes a counter that moved for a
    // command.
    for (std::size_t i = 0; i < max_devices; ++i)
        commanded_[i] = (*commands_)->slots[i].read();
    (*custom_data_)->extent.publish({order_.run_id, 0});
    logged_.clear();
}

bool RobotLink::in_run() const noexcept {
    const RobotState state = robot_->state.read();
    return state.mode != RunMode::idle && state.run_id == order_.run_id;
}

int RobotLink::find_slot(DeviceId id, DeviceIdentity& identity) noexcept {
    const auto is_it = [&](std::size_t slot) {
        return devices_->slots[slot].identity.read(identity) && identity.uid == id.uid &&
               identity.type == id.type && (identity.connected || now() < identity.expected_until);
    };
    std::uint8_t& slot_hint =
        slot_hints_[(id.uid.value_or(0) * 31 + id.type.value_or(0)) % slot_hints_.size()];
    if (is_it(slot_hint))
        return slot_hint;
    for (std::size_t slot = 0; slot < max_devices; ++slot) {
        if (is_it(slot)) {
            slot_hint = static_cast<std::uint8_t>(slot);
            return slot_hint;
        }
    }
    return -1;
}

int RobotLink::find_parameter(const DeviceType& type, std::string_view name) const noexcept {
    const auto& names = parameter_names_[static_cast<std::size_t>(&type - types().list.data())];
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

Located RobotLink::locate(std::string_view device_id, std::string_view parameter) noexcept {
    Located located;
    const auto id = parse_device_id(device_id);
    if (!id) {
        located.fault = Fault::bad_id;
        return located;
    }
    located.id = *id;
    located.type = id->type ? types().find(*id->type) : nullptr;
    if (located.type == nullptr || id->type == custom_data_type) {
        located.fault = Fault::unknown_type;
        return located;
    }
    const int index = find_parameter(*located.type, parameter);
    if (index < 0) {
        located.fault = Fault::no_parameter;
        return located;
    }
    located.parameter = static_cast<unsigned>(index);
    DeviceIdentity identity;
    const int slot = find_slot(*id, identity);
    if (slot < 0) {
        located.fault = Fault::not_connected;
        return located;
    }
    located.slot = static_cast<unsigned>(slot);
    located.generation = identity.generation;
    located.connected = identity.connected;
    return located;
}

std::optional<Value> RobotLink::read(const Located& located) const noexcept {
    DeviceData data;
    if (!devices_->slots[located.slot].data.read(data) || data.generation != located.generation ||
        ((data.received >> located.parameter) & 1U) == 0)
        return std::nullopt;
    return data.values[located.parameter];
}

std::optional<Value> RobotLink::wait_for_value(const Located& located, Nanoseconds deadline) const noexcept {
    while (true) {
        const Seen seen = look();
        if (const auto value = read(located))
            return value;
        if (Ending::requested() || now() >= deadline)
            return std::nullopt;
        wait(seen, true, deadline);
    }
}

void RobotLink::command(const Located& located, Value value) noexcept {
    if (!located.connected)
        return;
    SlotCommands& slot = commanded_[located.slot];
    slot.run_id = order_.run_id;
    slot.generation = located.generation;
    slot.counters[located.parameter] += 1;
    slot.values[located.parameter] = value;
    CommandsBlock& block = **commands_;
    block.slots[located.slot].publish(slot);
    block.changed.notify(devices_->header.waiting);
}

bool RobotLink::log(std::string_view key, ParameterKind kind, Value value) {
    const auto known = logged_.find(std::string(key));
    const std::size_t index = known != logged_.end() ? known->second : logged_.size();
    if (index >= max_custom_values)
        return false;
    CustomValue entry{};
    std::memcpy(entry.key.data(), key.data(), std::min(key.size(), custom_key_size - 1));
    entry.kind = kind;
    entry.value = value;
    CustomDataBlock& block = **custom_data_;
    block.values[index].publish(entry);
    if (known == logged_.end()) {
        logged_.emplace(key, index);
        block.extent.publish({order_.run_id, logged_.size()});
    }
    return true;
}

RobotLink::Seen RobotLink::look() const noexcept {
    return {inputs_->inputs.sequence(), devices_->changed.count(), robot_->state.sequence()};
}

void RobotLink::wait(const Seen& seen, bool for_data, Nanoseconds deadline) const noexcept {
    std::array<futex::Wait, 4> waits{{{&Ending::word(), 0},
                                      {&inputs_->inputs.sequence_word(), seen.inputs},
                                      {&robot_->state.sequence_word(), seen.robot},
                                      {&devices_->changed.word(), seen.devices}}};
    if (!for_data) {
        futex::wait_any(std::span(waits).first(3), deadline);
        return;
    }
    const WaitingMark mark((*commands_)->header.waiting);
    futex::wait_any(waits, deadline);
}

std::vector<std::string_view> RobotLink::names_of(const DeviceType& type) const {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < type.parameter_count; ++i)
        names.push_back(type.parameters[i].name());
    return names;
}

std::string RobotLink::connected_devices() const {
    std::string list;
    for (const auto& slot : devices_->slots) {
        const DeviceIdentity identity = slot.identity.read();
        const DeviceType* type = types().find(identity.type);
        if (!identity.connected || type == nullptr)
            continue;
        list += list.empty() ? "" : ", ";
        list += device_name(identity.type, identity.uid) + " (" + std::string(type->name()) + ")";
    }
    return list.empty() ? "No device is connected: check the cables." : "Connected: " + list;
}

std::string RobotLink::explain(const Located& located, std::string_view device_id,
                               std::string_view parameter) const {
    switch (located.fault) {
        case Fault::bad_id:
            return "\"" + std::string(device_id) +
                   "\" is not a device id: write the number of the type, _ and the number of the device, "
                   "such as \"6_12345\". " +
                   connected_devices();
        case Fault::unknown_type: {
            std::string known;
            for (std::size_t i = 0; i < types().count; ++i)
                known += (i == 0 ? "" : ", ") + std::to_string(types().list[i].number) + " (" +
                         std::string(types().list[i].name()) + ")";
            return "There is no device type " + std::string(device_id.substr(0, device_id.find('_'))) +
                   " (in \"" + std::string(device_id) + "\"). The types are " + known;
        }
        case Fault::not_connected:
            return "Device " + std::string(device_id) + " is not connected. " + connected_devices();
        case Fault::no_parameter: {
            const auto names = names_of(*located.type);
            std::string text = "There is no parameter \"" + std::string(parameter) + "\" on " +
                               std::string(located.type->name()) + ".";
            const std::string meant = hint(parameter, names);
            if (!meant.empty())
                return text + meant;
            text += " It has ";
            for (std::size_t i = 0; i < names.size(); ++i)
                text += (i == 0 ? "" : ", ") + std::string(names[i]);
            return text;
        }
        case Fault::none:
            break;
    }
    return {};
}

}  // namespace runtime::student
