#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shm_wrapper/clock.hpp"

namespace runtime::station {

/// What a person at the terminal wants.
struct Wish {
    enum class Kind : std::uint8_t {
        press,       ///< the robot's key `bit`
        autonomous,  ///< F2
        teleop,      ///< F3
        stop,        ///< F4, the space bar
        up,          ///< Page Up: earlier devices
        down,        ///< Page Down
        quit,        ///< Ctrl-C, Ctrl-D
    };
    Kind kind;
    std::size_t bit = 0;
    friend bool operator==(const Wish&, const Wish&) = default;
};

/// How long the rest of a key's escape sequence may take to come; then its start counts as the Escape key,
/// which does nothing.
inline constexpr Nanoseconds sequence_limit = 100 * millisecond;

/// Turns what a terminal sends into wishes, however the bytes are cut. No I/O. A space or Ctrl-C counts
/// wherever it stands, also within a broken sequence: nothing keeps anybody from stopping the robot. The keys
/// that start a mode count only in the exact forms that terminals send.
class TerminalInput {
  public:
    std::vector<Wish> receive(std::string_view bytes, Nanoseconds time);

  private:
    void receive(unsigned char byte, std::vector<Wish>& wishes);
    void end_of_sequence(std::vector<Wish>& wishes);

    std::string sequence_;
    Nanoseconds received_ = 0;
};

}  // namespace runtime::station
