#pragma once
#include <Python.h>

namespace runtime::student {

/// Starts Debian's own Python 3.11, whichever other Pythons are installed and whatever the environment says:
/// no environment variables, no user site, no current directory in sys.path. It is never ended: the process
/// is. Throws std::runtime_error.
void start_interpreter();

}  // namespace runtime::student
