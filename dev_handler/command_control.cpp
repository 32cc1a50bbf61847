#include "dev_handler/command_control.hpp"

namespace runtime::dev_handler {

std::string_view describe(CommandRefusal refusal) noexcept {
    switch (refusal) {
        case CommandRefusal::gate_closed:
            return "motion is not allowed now";
        case CommandRefusal::earlier_run:
            return "it belongs to an earlier run";
        case CommandRefusal::not_connected:
            return "it is meant for a device that is not connected any more";
        case CommandRefusal::not_writable:
            return "the parameter cannot be written";
        case CommandRefusal::not_finite:
            return "the value is not a finite number";
    }
    return "of an unknown reason";
}

void CommandControl::update(const GateConditions& conditions, const RobotState& robot,
                            const CommandIntake& intake, std::uint32_t changed, const Slots& slots,
                            Nanoseconds time, Actuators& actuators) {
    const GateState before = gate_;
    gate_ = gate_state(conditions);
    // A new run that began between two looks closed the gate in between.
    const bool other_run = run_id_ != conditions.robot_run_id;
    if (before == GateState::open && (gate_ != GateState::open || other_run))
        actuators.stop_all(gate_ == GateState::open ? GateState::other_run : gate_);
    if (gate_ != GateState::open || other_run)
        commanded_ = {};
    if ((before == GateState::open && gate_ != GateState::open) || other_run)
        late_told_ = false;
    run_id_ = conditions.robot_run_id;

    const GameStates game_states = game_states_at(robot, time);
    const bool game_states_changed = game_states != game_states_;
    game_states_ = game_states;
    if (gate_ == GateState::open && game_states_changed)
        apply_game_states(slots, actuators);
    for (std::size_t slot = 0; changed != 0; ++slot, changed >>= 1)
        if ((changed & 1U) != 0)
            pass(intake, slot, slots, actuators);
}

void CommandControl::pass(const CommandIntake& intake, std::size_t slot, const Slots& slots,
                          Actuators& actuators) {
    const SlotCommands& commands = intake.commands(slot);
    const std::uint32_t changed = intake.changed(slot);
    if (gate_ != GateState::open) {
        refuse_late(slot, changed, CommandRefusal::gate_closed, slots, actuators);
        return;
    }
    if (commands.run_id != run_id_) {
        refuse_late(slot, changed, CommandRefusal::earlier_run, slots, actuators);
        return;
    }
    const DeviceType* type = slots[slot].type;
    if (type == nullptr ||
        !command_is_current(commands.run_id, run_id_, commands.generation, slots[slot].generation)) {
        actuators.refused(slot, changed, CommandRefusal::not_connected, true);
        return;
    }
    if (commanded_[slot].generation != commands.generation)
        commanded_[slot] = {commands.generation, 0, {}};
    std::uint32_t not_writable = 0;
    std::uint32_t not_finite = 0;
    for (std::size_t i = 0; i < max_parameters; ++i) {
        const std::uint32_t bit = 1U << i;
        if ((changed & bit) == 0)
            continue;
        if (i >= type->parameter_count || !type->parameters[i].write) {
            not_writable |= bit;
            continue;
        }
        const auto value = bounded(type->parameters[i], commands.values[i]);
        if (!value) {
            not_finite |= bit;
            continue;
        }
        if (type->parameters[i].game_states) {
            commanded_[slot].parameters |= bit;
            commanded_[slot].values[i] = *value;
        }
        actuators.command(slot, i, with_game_states(type->parameters[i], *value, game_states_));
    }
    if (not_writable != 0)
        actuators.refused(slot, not_writable, CommandRefusal::not_writable, true);
    if (not_finite != 0)
        actuators.refused(slot, not_finite, CommandRefusal::not_finite, true);
}

void CommandControl::refuse_late(std::size_t slot, std::uint32_t parameters, CommandRefusal refusal,
                                 const Slots& slots, Actuators& actuators) {
    // A command to nobody has no name to tell.
    const bool tell = !late_told_ && slots[slot].type != nullptr;
    late_told_ = late_told_ || tell;
    actuators.refused(slot, parameters, refusal, tell);
}

void CommandControl::apply_game_states(const Slots& slots, Actuators& actuators) {
    for (std::size_t slot = 0; slot < max_devices; ++slot) {
        const Commanded& commanded = commanded_[slot];
        const DeviceType* type = slots[slot].type;
        if (type == nullptr || commanded.generation != slots[slot].generation)
            continue;
        for (std::size_t i = 0; i < type->parameter_count; ++i)
            if ((commanded.parameters >> i & 1U) != 0)
                actuators.command(slot, i,
                                  with_game_states(type->parameters[i], commanded.values[i], game_states_));
    }
}

}  // namespace runtime::dev_handler
