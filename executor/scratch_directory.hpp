#pragma once
#include <string>

namespace runtime::executor {

/// Removes the directory that student code may write into, with all that is in it. The next student process
/// makes it anew. Only a directory that is ours or of the user that student code runs as; a symbolic link is
/// left alone. Never throws: what cannot be removed is logged.
void remove_scratch_directory(const std::string& path);

}  // namespace runtime::executor
