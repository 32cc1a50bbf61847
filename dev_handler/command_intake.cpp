#include "dev_handler/command_intake.hpp"

namespace runtime::dev_handler {

bool CommandIntake::look(const CommandsBlock& block, std::size_t slot) noexcept {
    changed_[slot] = 0;
    const auto& cell = block.slots[slot];
    if (cell.sequence() == sequences_[slot])
        return false;
    SlotCommands latest;
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
        if (!cell.try_read(latest, &sequences_[slot]))
            continue;
        for (std::size_t i = 0; i < max_parameters; ++i)
            if (latest.counters[i] != commands_[slot].counters[i])
                changed_[slot] |= 1U << i;
        commands_[slot] = latest;
        return true;
    }
    return false;
}

void CommandIntake::skip(const CommandsBlock& block) noexcept {
    take(block);
}

std::uint32_t CommandIntake::take(const CommandsBlock& block) noexcept {
    std::uint32_t slots = 0;
    for (std::size_t slot = 0; slot < max_devices; ++slot)
        if (look(block, slot) && changed_[slot] != 0)
            slots |= 1U << slot;
    return slots;
}

}  // namespace runtime::dev_handler
