#include "executor/student/sandbox.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "executor/descriptor.hpp"
#include "executor/student_user.hpp"

namespace runtime::student {
namespace {

using executor::Descriptor;
using executor::student_user;

/// Address space: a program with numpy takes a tenth of it (50 MiB, measured); what asks for more is refused
/// (MemoryError) before the robot's computer runs short.
constexpr rlim_t memory_limit = 512UL * 1024 * 1024;
/// With the next one the bound for what is in files that are deleted but still open, which nobody sees in the
/// scratch directory: 256 MiB. For those that are mapped executor looks (scratch_directory.hpp).
constexpr rlim_t open_files_limit = 64;
constexpr rlim_t file_size_limit = 4UL * 1024 * 1024;
/// Student code has a lower priority than the daemons, which run at 0, and than the next student process
/// while that one is being prepared.
constexpr int niceness = 10;
/// Where memory runs short, the kernel ends this process before any other. It would have the protection of
/// executor otherwise. The most there is.
constexpr int out_of_memory_score = 1000;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

void limit(__rlimit_resource resource, rlim_t value) {
    rlimit present{};
    getrlimit(resource, &present);
    const rlim_t bounded = value < present.rlim_max ? value : present.rlim_max;
    const rlimit limits{bounded, bounded};
    if (setrlimit(resource, &limits) != 0)
        fail("cannot set a resource limit");
}

/// Sanitizers reserve terabytes of address space before main: the limit counts from there.
rlim_t reserved_memory() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    rlim_t pages = 0;
    if (!(std::ifstream("/proc/self/statm") >> pages))
        fail("cannot read how much memory is reserved");
    return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
#else
    return 0;
#endif
}

constexpr std::uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                  LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                  LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                  LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
/// Of Landlock's third version; the header of Debian 12 may lack the name.
constexpr std::uint64_t truncating = 1ULL << 14;
/// What a student's own files need: no devices, no sockets; and no directories, so that a look at one shows
/// all that there is (scratch_directory.hpp).
constexpr std::uint64_t for_files =
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG;

void allow(int ruleset, const char* path, std::uint64_t access) {
    const Descriptor place(open(path, O_PATH | O_CLOEXEC));
    const landlock_path_beneath_attr rule{access, place.get()};
    if (!place || syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        fail("cannot confine the files that student code may write");
}

void make_and_enter(const std::string& path) {
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        fail(("cannot make the scratch directory " + path).c_str());
    const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!directory || fstat(directory.get(), &status) != 0)
        fail(("cannot open the scratch directory " + path).c_str());
    const auto user = student_user();
    if (status.st_uid != geteuid() && !(user && status.st_uid == user->uid))
        throw std::runtime_error("the scratch directory " + path + " belongs to somebody else");
    if (user && fchown(directory.get(), user->uid, user->gid) != 0)
        fail("cannot give the scratch directory to the user that student code runs as");
    if (fchdir(directory.get()) != 0)
        fail("cannot enter the scratch directory");
}

}  // namespace

bool enter_scratch_directory(const std::string& path) {
    try {
        make_and_enter(path);
        return true;
    } catch (const std::exception& error) {
        std::cerr << "student code can write no files: " << error.what() << std::endl;
        if (chdir("/") != 0)
            fail("cannot enter the root directory");
        return false;
    }
}

void limit_resources() {
    limit(RLIMIT_AS, reserved_memory() + memory_limit);
    limit(RLIMIT_NOFILE, open_files_limit);
    limit(RLIMIT_FSIZE, file_size_limit);
    limit(RLIMIT_CORE, 0);
    // A write beyond the limit is then an error, not the end of the process.
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    setpriority(PRIO_PROCESS, 0, niceness);
    std::ofstream("/proc/self/oom_score_adj") << out_of_memory_score;
}

void drop_privileges(int parent) {
    if (const auto user = student_user()) {
        if (setgroups(0, nullptr) != 0 || setresgid(user->gid, user->gid, user->gid) != 0 ||
            setresuid(user->uid, user->uid, user->uid) != 0)
            fail("cannot become the user that student code runs as");
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            throw std::runtime_error("executor has gone");
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        fail("cannot give up new privileges");
}

bool confine_writing(const std::string& scratch) {
    const long version =
        syscall(SYS_landlock_create_ruleset, nullptr, std::size_t{0}, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return false;
    const bool truncation = version >= 3;
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = writing | (truncation ? truncating : 0);
    const Descriptor ruleset(
        static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
    if (!ruleset)
        fail("cannot confine the files that student code may write");
    if (!scratch.empty())
        allow(ruleset.get(), scratch.c_str(), for_files | (truncation ? truncating : 0));
    allow(ruleset.get(), "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE | (truncation ? truncating : 0));
    if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
        fail("cannot confine the files that student code may write");
    return true;
}

void enter_sandbox(const std::string& scratch, int parent) {
    const bool has_scratch = enter_scratch_directory(scratch);
    limit_resources();
    drop_privileges(parent);
    // It is the current one; its path may lead through directories that student code's user may not enter.
    const bool confined = confine_writing(has_scratch ? "." : "");
    filter_system_calls(!confined);
}

}  // namespace runtime::student
