#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace runtime::test {

/// Student code that counts: each life of it prints `count LIFE NUMBER CHECK end` with the numbers from 0 on,
/// logs values whose keys tell what they may be, and turns the motor of the KoalaBear 6_77.
extern const char* const counting_code;
/// What it commands.
inline constexpr float counting_velocity = 0.5F;
/// It logs the number as "keyK", with K the remainder of the number.
inline constexpr std::int32_t counting_keys = 40;

/// Judges the lines that the counting code has printed, as one reader gets them.
class RunningNumbers {
  public:
    /// What is wrong with a line: torn, repeated, or one before it is missing. Nothing for a line that is in
    /// order, and for one that is not the counting code's.
    std::optional<std::string> take(const std::string& line);
    /// Lines may be missing before the next one.
    void allow_gap() noexcept { gap_allowed_ = true; }
    /// The reader begins anew: it may be told again what it was told before.
    void begin_anew();
    std::uint64_t count() const noexcept { return count_; }

  private:
    std::map<std::string, std::uint64_t> next_;  // number, by life
    bool gap_allowed_ = false;
    std::uint64_t count_ = 0;
};

}  // namespace runtime::test
