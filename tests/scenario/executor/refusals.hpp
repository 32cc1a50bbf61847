#pragma once
#include <array>
#include <utility>

namespace runtime::test {

/// Bodies of a student's function that do what is not allowed on the robot, and what the log says to each.
inline constexpr std::array<std::pair<const char*, const char*>, 5> refusals{{
    {"    open('/etc/shadow')\n",
     "PermissionError: [Errno 13] Permission denied: '/etc/shadow' (not allowed on the robot"},
    {"    import socket\n    socket.socket(socket.AF_INET)\n",
     "PermissionError: [Errno 1] Operation not permitted (not allowed on the robot"},
    {"    import os\n    os.kill(os.getppid(), 9)\n",
     "PermissionError: [Errno 1] Operation not permitted (not allowed on the robot"},
    {"    import ctypes, os\n    c = ctypes.CDLL(None, use_errno=True)\n"
     "    if c.ptrace(16, os.getppid(), None, None) == -1:  # PTRACE_ATTACH\n"
     "        raise OSError(ctypes.get_errno(), 'ptrace')\n",
     "PermissionError: [Errno 1] ptrace (not allowed on the robot"},
    {"    import ctypes\n    c = ctypes.CDLL(None, use_errno=True)\n"
     "    if c.mount(b'none', b'.', b'tmpfs', 0, None) == -1:\n"
     "        raise OSError(ctypes.get_errno(), 'mount')\n",
     "PermissionError: [Errno 1] mount (not allowed on the robot"},
}};

}  // namespace runtime::test
