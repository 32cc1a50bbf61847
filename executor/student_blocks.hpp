#pragma once
#include <string>

#include "executor/descriptor.hpp"

namespace runtime::executor {

/// The blocks that the student process writes, opened for it: it may not open them itself.
struct StudentBlocks {
    Descriptor commands;
    Descriptor custom_data;
};

/// Restores the headers of both, and takes every command back: student code can have overwritten all of a
/// block that was mapped for it. The next student process must be able to attach, and what an earlier one has
/// left, in the name of a run that was still to come, must not move a motor. Call it while no student process
/// lives that has them mapped. Throws BlockError.
void restore_student_blocks(const std::string& instance);

/// Throws BlockError.
StudentBlocks open_student_blocks(const std::string& instance);

}  // namespace runtime::executor
