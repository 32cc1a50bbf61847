#include <asm/sockios.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <utility>

#include "executor/student/sandbox.hpp"

namespace runtime::student {
namespace {

/// Refused whatever their arguments. One that this architecture does not have, or that libseccomp does not
/// know, is skipped: newer ones do not exist at all (first_unknown_call).
constexpr std::array refused{
    // new processes and programs; and a session of its own, which would have a share of the processors of its
    // own
    "fork", "vfork", "execve", "execveat", "setsid",
    // other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_open", "pidfd_getfd",
    "pidfd_send_signal", "tkill", "kcmp", "ioprio_set",
    // what listens on this machine, such as the service manager's own socket, would act for this process
    "connect", "sendmsg", "sendmmsg",
    // the machine
    "mount", "umount", "umount2", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig", "fspick",
    "mount_setattr", "pivot_root", "chroot", "setns", "unshare", "swapon", "swapoff", "reboot", "kexec_load",
    "kexec_file_load", "init_module", "finit_module", "delete_module", "sethostname", "setdomainname",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "acct", "quotactl", "quotactl_fd", "iopl",
    "ioperm", "syslog", "vhangup", "bpf", "perf_event_open", "userfaultfd", "fanotify_init",
    "open_by_handle_at", "name_to_handle_at", "keyctl", "add_key", "request_key", "lookup_dcookie",
    "personality", "modify_ldt",
    // memory that the limits do not count
    "memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "shmdt", "msgget", "semget", "mq_open",
    // system calls behind this filter's back
    "io_uring_setup", "io_uring_enter", "io_uring_register",
    // whose file it is and who may use it, which Landlock does not look at: the scratch directory and the
    // blocks must stay usable for the next run
    "chmod", "fchmod", "fchmodat", "chown", "lchown", "fchown", "fchownat", "setxattr", "lsetxattr",
    "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
    // nor, before its third version, at this one
    "truncate"};

/// System calls from this number on were never looked at, and do not exist for student code, whatever the
/// kernel has: new ones come with each, such as setxattrat and futex_requeue, and libseccomp knows only those
/// of its time. All architectures number them alike. The last one used here is futex_waitv (449).
constexpr int first_unknown_call = 450;
constexpr int last_unknown_call = 1023;

/// What a futex is used for by the C library, by Python and here. All the other operations can have another
/// process's waiter wait elsewhere, also through a read-only mapping (FUTEX_REQUEUE), or keep it from being
/// woken.
constexpr std::array<scmp_datum_t, 4> futex_operations{FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET,
                                                       FUTEX_WAKE_BITSET};

class Filter {
  public:
    Filter() : context_(seccomp_init(SCMP_ACT_ALLOW), seccomp_release) {
        if (!context_)
            throw std::runtime_error("cannot create a system call filter");
        // A binary search instead of a comparison with each; and also for threads that exist already.
        seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
        seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1);
    }

    void refuse(const char* name, int error = EPERM) {
        const int number = seccomp_syscall_resolve_name(name);
        if (number != __NR_SCMP_ERROR)
            add(number, error, nullptr, 0);
    }
    void refuse_if(const char* name, std::initializer_list<scmp_arg_cmp> conditions, int error = EPERM) {
        const int number = seccomp_syscall_resolve_name(name);
        if (number != __NR_SCMP_ERROR)
            add(number, error, conditions.begin(), static_cast<unsigned>(conditions.size()));
    }
    void refuse(int number, int error) { add(number, error, nullptr, 0); }
    void load() {
        if (seccomp_load(context_.get()) != 0)
            throw std::runtime_error("cannot load the system call filter");
    }

  private:
    void add(int number, int error, const scmp_arg_cmp* conditions, unsigned count) {
        const auto action = SCMP_ACT_ERRNO(static_cast<unsigned>(error));
        const int result = seccomp_rule_add_array(context_.get(), action, number, count, conditions);
        // -EDOM: a call that this architecture does not have.
        if (result != 0 && result != -EDOM)
            throw std::runtime_error("cannot build the system call filter");
    }

    std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
};

/// The kernel takes only this much of an argument that is an int, and a comparison looks at all of it.
constexpr scmp_datum_t low_half = 0xFFFFFFFF;

/// A condition on one argument of a system call.
constexpr scmp_arg_cmp argument(unsigned index, scmp_compare comparison, scmp_datum_t value,
                                scmp_datum_t masked = 0) {
    return {index, comparison, value, masked};
}

void refuse_futex_operations(Filter& filter) {
    constexpr scmp_datum_t operation_bits =
        low_half & ~scmp_datum_t{FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME};
    const auto refuse = [&](scmp_datum_t mask, scmp_datum_t operation) {
        // As on a kernel without it, which the C library can live with.
        filter.refuse_if("futex", {argument(1, SCMP_CMP_MASKED_EQ, mask, operation)}, ENOSYS);
    };
    for (scmp_datum_t operation = 0; operation < 16; ++operation)
        if (std::find(futex_operations.begin(), futex_operations.end(), operation) == futex_operations.end())
            refuse(operation_bits, operation);
    for (const scmp_datum_t bit : {16U, 32U, 64U})
        refuse(bit, bit);
}

}  // namespace

void filter_system_calls(bool refuse_writing) {
    Filter filter;
    for (const char* name : refused)
        filter.refuse(name);
    // A filter cannot look into clone3's arguments: the C library falls back to clone, whose flags it sees.
    filter.refuse("clone3", ENOSYS);
    for (int number = first_unknown_call; number <= last_unknown_call; ++number)
        filter.refuse(number, ENOSYS);
    refuse_futex_operations(filter);
    filter.refuse_if("clone", {argument(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)});
    // Open files of a thread's own would not count for the limit.
    filter.refuse_if("clone", {argument(0, SCMP_CMP_MASKED_EQ, CLONE_FILES, 0)});
    // Room beyond a file's size: no limit looks at it.
    filter.refuse_if("fallocate", {argument(1, SCMP_CMP_NE, 0)}, EOPNOTSUPP);
    filter.refuse_if("socket", {argument(0, SCMP_CMP_NE, AF_UNIX)});
    filter.refuse_if("sendto", {argument(4, SCMP_CMP_NE, 0)});
    const auto self = static_cast<scmp_datum_t>(getpid());
    for (const char* name : {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"})
        filter.refuse_if(name, {argument(0, SCMP_CMP_NE, self)});
    // 0 is the caller. A rule can look at an argument once only, so its own number is refused as well.
    for (const char* name : {"prlimit64", "sched_setscheduler", "sched_setparam", "sched_setattr",
                             "sched_setaffinity", "migrate_pages", "move_pages"})
        filter.refuse_if(name, {argument(0, SCMP_CMP_NE, 0)});
    filter.refuse_if("setpriority", {argument(0, SCMP_CMP_NE, PRIO_PROCESS)});
    filter.refuse_if("setpriority", {argument(1, SCMP_CMP_NE, 0)});
    // A signal to whomever, sent by the kernel when a descriptor becomes ready.
    for (const scmp_datum_t command : std::initializer_list<scmp_datum_t>{F_SETOWN, F_SETOWN_EX, F_SETSIG})
        filter.refuse_if("fcntl", {argument(1, SCMP_CMP_MASKED_EQ, low_half, command)});
    // The last three: to type into a terminal, for whoever reads it.
    for (const scmp_datum_t request :
         std::initializer_list<scmp_datum_t>{FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX, TIOCSCTTY})
        filter.refuse_if("ioctl", {argument(1, SCMP_CMP_MASKED_EQ, low_half, request)});
    // The process dies with executor, whatever it wants.
    filter.refuse_if("prctl", {argument(0, SCMP_CMP_MASKED_EQ, low_half, PR_SET_PDEATHSIG)});
    // executor looks at what it maps.
    filter.refuse_if("prctl", {argument(0, SCMP_CMP_MASKED_EQ, low_half, PR_SET_DUMPABLE)});
    // A file without a name that no look at the directory tells of.
    for (const auto& [name, index] : {std::pair("open", 1U), std::pair("openat", 2U)}) {
        constexpr scmp_datum_t nameless = O_TMPFILE & ~O_DIRECTORY;
        filter.refuse_if(name, {argument(index, SCMP_CMP_MASKED_EQ, nameless, nameless)}, EOPNOTSUPP);
    }
    // Truncates a file that is opened for reading only, which Landlock allows before its third version.
    filter.refuse("openat2", ENOSYS);
    for (const auto& [name, index] : {std::pair("open", 1U), std::pair("openat", 2U)})
        filter.refuse_if(name, {argument(index, SCMP_CMP_MASKED_EQ, O_ACCMODE | O_TRUNC, O_TRUNC)});
    if (refuse_writing) {
        filter.refuse("creat");
        for (const scmp_datum_t flag :
             std::initializer_list<scmp_datum_t>{O_WRONLY, O_RDWR, O_CREAT, O_TRUNC}) {
            filter.refuse_if("open", {argument(1, SCMP_CMP_MASKED_EQ, flag, flag)});
            filter.refuse_if("openat", {argument(2, SCMP_CMP_MASKED_EQ, flag, flag)});
        }
        for (const char* name :
             {"bind", "mkdir", "mkdirat", "mknod", "mknodat", "rename", "renameat", "renameat2", "unlink",
              "unlinkat", "rmdir", "link", "linkat", "symlink", "symlinkat"})
            filter.refuse(name);
    }
    filter.load();
}

}  // namespace runtime::student
