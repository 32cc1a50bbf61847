#pragma once
#include <array>
#include <cstdint>

#include "shm_wrapper/layout.hpp"

namespace runtime::dev_handler {

/// Finds what is new in the `commands` block. The student process that writes it may be hostile: nothing in
/// it is trusted, and every look at it takes a bounded time. Never allocates.
class CommandIntake {
  public:
    /// Takes everything that is there as seen already.
    void skip(const CommandsBlock& block) noexcept;

    /// Copies the slots that have changed since the last look; the bitmap of those with a new command. A slot
    /// whose writer outruns us is left for the next look.
    std::uint32_t take(const CommandsBlock& block) noexcept;

    /// What the last take() found in a slot.
    const SlotCommands& commands(std::size_t slot) const noexcept { return commands_[slot]; }
    /// The parameters whose counter moved in the last take().
    std::uint32_t changed(std::size_t slot) const noexcept { return changed_[slot]; }

    /// Attempts to copy a slot in one look, some microseconds in all.
    static constexpr int max_attempts = 64;

  private:
    bool look(const CommandsBlock& block, std::size_t slot) noexcept;

    std::array<std::uint32_t, max_devices> sequences_{};
    std::array<std::uint32_t, max_devices> changed_{};
    std::array<SlotCommands, max_devices> commands_{};
};

}  // namespace runtime::dev_handler
