#pragma once
/// A robot, and its log, as JSON: one object in one line with its newline, valid whatever the blocks hold.
/// No I/O. README.md lists the members. What is not known is null.
#include <string>

#include "shm_wrapper/runtime/snapshot.hpp"

namespace runtime::overview {

std::string status_json(const Snapshot& snapshot);
std::string devices_json(const Snapshot& snapshot);
std::string log_line_json(const MergedLine& line);

}  // namespace runtime::overview
