#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runtime::station {

/// The keys of the student API, bits 0-46 of a keyboard's UserInputs: a … z, 1 … 9, 0, , . / ; ' [ ] and the
/// arrows.
inline constexpr std::size_t key_count = 47;
inline constexpr std::size_t button_count = 17;

std::string_view key_name(std::size_t bit) noexcept;
/// The bit of a key by its name in the student API; ArrowLeft … are understood too.
std::optional<std::size_t> key_bit(std::string_view name) noexcept;
/// The bit of a gamepad's button by its name.
std::optional<std::size_t> button_bit(std::string_view name) noexcept;

/// The names of the keys whose bits are set, with a space between them.
std::string names_of_keys(std::uint64_t keys);

}  // namespace runtime::station
