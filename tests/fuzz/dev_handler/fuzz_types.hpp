#pragma once
#include <cctype>
#include <string_view>

#include "shm_wrapper/layout.hpp"

namespace runtime::fuzz {

/// Ends the run as a finding.
inline void expect(bool holds) {
    if (!holds)
        __builtin_trap();
}

/// A type whose parameters are letters: i, f, b for the kind, a capital where it may be written; every
/// writable float moves the robot and is bounded to [-1, 1].
inline DeviceType make_type(std::uint8_t number, std::string_view parameters) {
    DeviceType type{};
    type.number = number;
    type.name_bytes = {'T'};
    for (const char letter : parameters) {
        ParameterType& parameter = type.parameters[type.parameter_count++];
        const int kind = std::tolower(static_cast<unsigned char>(letter));
        parameter.name_bytes = {letter};
        parameter.kind = kind == 'i'   ? ParameterKind::integer
                         : kind == 'f' ? ParameterKind::floating
                                       : ParameterKind::boolean;
        parameter.read = true;
        parameter.write = std::isupper(static_cast<unsigned char>(letter)) != 0;
        parameter.stop = parameter.write && kind == 'f';
        parameter.bounded = parameter.stop;
        parameter.game_states = parameter.stop;
        parameter.minimum = -1;
        parameter.maximum = 1;
    }
    return type;
}

/// Types with the numbers and shapes of those in the recordings, and one with all 32 parameters.
inline const DeviceTypes& types() {
    static const DeviceTypes all = [] {
        DeviceTypes list{};
        for (const auto& [number, parameters] :
             {std::pair<std::uint8_t, std::string_view>{0, "ifbifbIFBIFBIFBI"},
              {1, "bbb"},
              {2, "fff"},
              {4, "FF"},
              {6, "FFBBFFFIFFBBFFFI"},
              {7, "bbffffffb"},
              {63, "IFBIFBIFBIFBIFBIifbifbifbifbifbi"}})
            list.list[list.count++] = make_type(number, parameters);
        return list;
    }();
    return all;
}

}  // namespace runtime::fuzz
