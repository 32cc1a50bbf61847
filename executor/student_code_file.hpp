#pragma once
#include <string>
#include <variant>

#include "executor/descriptor.hpp"

namespace runtime::executor {

/// The largest student program that is taken, in bytes. The longest that teams have written is below 100 kB.
inline constexpr long max_student_code = 1024L * 1024;

/// The student's file, open for reading; or why it cannot be run, as one line for the student. Never blocks,
/// whatever stands at `path`.
std::variant<Descriptor, std::string> open_student_code(const std::string& path);

}  // namespace runtime::executor
