#include "net_handler/station/terminal_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "net_handler/station/key_names.hpp"

namespace runtime::station {
namespace {

constexpr unsigned char ctrl_c = 0x03;
constexpr unsigned char ctrl_d = 0x04;
constexpr unsigned char escape = 0x1B;
constexpr std::size_t longest_sequence = 16;

using Kind = Wish::Kind;

/// The forms of xterm and its kin in both cursor modes, of the VT220 family, and of the Linux console.
constexpr std::array<std::pair<std::string_view, Kind>, 11> functions{{
    {"\x1BOQ", Kind::autonomous},
    {"\x1B[12~", Kind::autonomous},
    {"\x1B[[B", Kind::autonomous},
    {"\x1BOR", Kind::teleop},
    {"\x1B[13~", Kind::teleop},
    {"\x1B[[C", Kind::teleop},
    {"\x1BOS", Kind::stop},
    {"\x1B[14~", Kind::stop},
    {"\x1B[[D", Kind::stop},
    {"\x1B[5~", Kind::up},
    {"\x1B[6~", Kind::down},
}};

/// A, B, C, D: up, down, right, left.
constexpr std::array<std::string_view, 4> arrow_keys{"up_arrow", "down_arrow", "right_arrow", "left_arrow"};

bool is_final(char byte) {
    return byte >= 0x40 && byte <= 0x7E;
}

/// Whether a sequence, which starts with Escape, is whole.
bool whole(std::string_view sequence) {
    if (sequence.size() < 3)
        return sequence.size() == 2 && sequence[1] != '[' && sequence[1] != 'O';
    const bool linux_function_key = sequence.substr(1).starts_with("[[");
    return is_final(sequence.back()) && !(linux_function_key && sequence.size() == 3);
}

}  // namespace

std::vector<Wish> TerminalInput::receive(std::string_view bytes, Nanoseconds time) {
    if (time - received_ > sequence_limit)
        sequence_.clear();
    received_ = time;
    std::vector<Wish> wishes;
    for (const char byte : bytes)
        receive(static_cast<unsigned char>(byte), wishes);
    return wishes;
}

void TerminalInput::receive(unsigned char byte, std::vector<Wish>& wishes) {
    if (byte == ' ' || byte == ctrl_c || byte == ctrl_d) {
        sequence_.clear();
        wishes.push_back({byte == ' ' ? Kind::stop : Kind::quit});
        return;
    }
    if (byte == escape) {
        sequence_.assign(1, static_cast<char>(escape));
        return;
    }
    if (!sequence_.empty()) {
        if (sequence_.size() < longest_sequence)
            sequence_ += static_cast<char>(byte);
        sequence_.back() = static_cast<char>(byte);
        if (whole(sequence_))
            end_of_sequence(wishes);
        return;
    }
    const bool upper_case = byte >= 'A' && byte <= 'Z';
    const char key = static_cast<char>(upper_case ? byte - 'A' + 'a' : byte);
    if (const auto bit = key_bit(std::string_view(&key, 1)))
        wishes.push_back({Kind::press, *bit});
}

void TerminalInput::end_of_sequence(std::vector<Wish>& wishes) {
    const std::string sequence = std::exchange(sequence_, {});
    const auto function = std::find_if(functions.begin(), functions.end(),
                                       [&](const auto& candidate) { return candidate.first == sequence; });
    if (function != functions.end()) {
        wishes.push_back({function->second});
    } else if (sequence.size() == 3 && sequence[2] >= 'A' && sequence[2] <= 'D') {
        wishes.push_back({Kind::press, *key_bit(arrow_keys[static_cast<std::size_t>(sequence[2] - 'A')])});
    } else if (sequence.ends_with('S') && sequence.find(';') != std::string::npos) {
        wishes.push_back({Kind::stop});  // F4 with Shift, Alt or Control
    }
}

}  // namespace runtime::station
