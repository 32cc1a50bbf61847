#pragma once
#include <sys/types.h>

#include <optional>

namespace runtime::executor {

struct StudentUser {
    uid_t uid;
    gid_t gid;
};

/// Whom student code runs as where the daemon runs as root (development): `runtime-student`, or `nobody`
/// where that one does not exist. Nothing where the daemon has no privileges that could be dropped: student
/// code then runs as the daemon's own user. Throws std::runtime_error if there is neither of the two.
std::optional<StudentUser> student_user();

}  // namespace runtime::executor
