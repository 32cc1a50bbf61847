#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shm_wrapper/clock.hpp"
#include "shm_wrapper/instance.hpp"

namespace runtime::overview {

enum class BlockCondition : std::uint8_t {
    whole,
    missing,
    unfinished,    ///< too short, or without the magic
    other_layout,  ///< of another version or size than this program knows
    unreadable,
};

/// What stands under the name of a block.
struct BlockFacts {
    BlockKind kind;  ///< what should stand there
    BlockCondition condition = BlockCondition::missing;
    std::string reason;                ///< of `unreadable`
    std::uint32_t layout_version = 0;  ///< from here on: of `whole` and `other_layout`
    std::uint64_t size = 0;
    std::uint64_t writer = 0;  ///< identity; from here on: of `whole`
    bool writer_lives = false;
    std::uint32_t writers = 0;
    Nanoseconds heartbeat = 0;
    Nanoseconds time = 0;  ///< when this was read
};

/// "whole", "missing" …
std::string_view name_of(BlockCondition condition) noexcept;

/// Looks at a block without claiming, changing or mapping it. Never throws for what it finds.
BlockFacts examine(std::string_view instance, const BlockKind& kind);
/// Looks at every block of a robot.
std::vector<BlockFacts> examine_all(std::string_view instance);

}  // namespace runtime::overview
