// The system call filter, each time in a process of its own: nobody gets rid of it.
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>

#include "executor/student/sandbox.hpp"

using namespace runtime;

namespace {

constexpr int no_filter = 255;  // no error has this number

/// The error of the call under the filter; 0: it succeeded; no_filter: there is none to be had here.
int error_under_filter(bool refuse_writing, const std::function<long()>& call) {
    const pid_t child = fork();
    if (child == 0) {
        try {
            student::filter_system_calls(refuse_writing);
        } catch (const std::exception&) {
            _exit(no_filter);
        }
        errno = 0;
        _exit(call() == -1 ? errno : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

long call_futex(int operation) {
    static std::uint32_t word = 0;
    return syscall(SYS_futex, &word, operation, 1, 1, &word, 0);
}

}  // namespace

TEST_CASE("where the kernel has no Landlock the filter refuses to write, make, rename and remove files") {
    std::string directory = (std::filesystem::temp_directory_path() / "filter-XXXXXX").string();
    REQUIRE(mkdtemp(directory.data()) != nullptr);
    const std::string file = directory + "/file";
    const std::string other = directory + "/other";
    REQUIRE(close(creat(file.c_str(), 0600)) == 0);
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un named{};
    named.sun_family = AF_UNIX;
    REQUIRE(other.copy(named.sun_path, sizeof named.sun_path - 1) == other.size());
    const std::pair<const char*, std::function<long()>> refused[] = {
        {"write", [&] { return open(file.c_str(), O_WRONLY); }},
        {"read and write", [&] { return open(file.c_str(), O_RDWR); }},
        {"make", [&] { return open(other.c_str(), O_RDONLY | O_CREAT, 0600); }},
        {"creat", [&] { return creat(other.c_str(), 0600); }},
        {"empty", [&] { return open(file.c_str(), O_RDONLY | O_TRUNC); }},
        {"truncate", [&] { return truncate(file.c_str(), 0); }},
        {"mkdir", [&] { return mkdir(other.c_str(), 0700); }},
        {"mknod", [&] { return mknod(other.c_str(), S_IFIFO | 0600, 0); }},
        {"rename", [&] { return rename(file.c_str(), other.c_str()); }},
        {"link", [&] { return link(file.c_str(), other.c_str()); }},
        {"symlink", [&] { return symlink(file.c_str(), other.c_str()); }},
        {"unlink", [&] { return unlink(file.c_str()); }},
        {"rmdir", [&] { return rmdir(directory.c_str()); }},
        {"bind", [&] { return bind(socket, reinterpret_cast<const sockaddr*>(&named), sizeof named); }},
    };
    for (const auto& [what, call] : refused) {
        INFO(what);
        CHECK(error_under_filter(true, call) == EPERM);
    }
    CHECK(error_under_filter(true, [&] { return open(file.c_str(), O_RDONLY); }) == 0);
    CHECK(error_under_filter(false, [&] { return open(file.c_str(), O_WRONLY); }) == 0);
    close(socket);
    std::filesystem::remove_all(directory);
}

TEST_CASE("of the futex operations only waiting and waking exist") {
    for (const int flags : {0, FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME}) {
        const auto first_wrong = [&]() -> long {
            for (int operation = 0; operation <= 127; ++operation) {
                const bool known = operation == FUTEX_WAIT || operation == FUTEX_WAKE ||
                                   operation == FUTEX_WAIT_BITSET || operation == FUTEX_WAKE_BITSET;
                // The kernel's own answer to waking and waiting with what is passed here.
                if (known && flags == FUTEX_CLOCK_REALTIME)
                    continue;
                const bool exists = call_futex(operation | flags) != -1 || errno != ENOSYS;
                if (exists != known) {
                    errno = operation + 1;
                    return -1;
                }
            }
            return 0;
        };
        INFO("with flags " << flags << "; one more than the number of the first wrong operation");
        CHECK(error_under_filter(false, first_wrong) == 0);
    }
}

TEST_CASE("system calls that are newer than the filter do not exist") {
    for (const long number : {452L, 456L, 463L, 468L, 600L, 1000L}) {
        INFO(number);
        CHECK(error_under_filter(
                  false, [&] { return syscall(number, -1, nullptr, 0, nullptr, nullptr, 0); }) == ENOSYS);
    }
}

TEST_CASE("nobody else can be had to act for student code: no terminal, no socket that somebody listens on") {
    const int terminal = open("/dev/null", O_RDONLY);
    char typed = 'x';
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    iovec part{&typed, 1};
    mmsghdr messages{};
    messages.msg_hdr.msg_name = &address;
    messages.msg_hdr.msg_namelen = sizeof address;
    messages.msg_hdr.msg_iov = &part;
    messages.msg_hdr.msg_iovlen = 1;
    const std::pair<const char*, std::function<long()>> refused[] = {
        {"type", [&] { return ioctl(terminal, TIOCSTI, &typed); }},
        {"paste", [&] { return ioctl(terminal, TIOCLINUX, &typed); }},
        {"take a terminal", [&] { return ioctl(terminal, TIOCSCTTY, 0); }},
        {"type, with a bit that the kernel does not look at",
         [&] { return syscall(SYS_ioctl, terminal, TIOCSTI | 1UL << 32, &typed); }},
        {"connect", [&] { return connect(socket, generic, sizeof address); }},
        {"send", [&] { return sendto(socket, &typed, 1, 0, generic, sizeof address); }},
        {"send a message", [&] { return sendmsg(socket, &messages.msg_hdr, 0); }},
        {"send several messages", [&] { return sendmmsg(socket, &messages, 1, 0); }},
        {"slow down another's files", [&] { return syscall(SYS_ioprio_set, 1, getppid(), 0); }},
    };
    for (const auto& [what, call] : refused) {
        INFO(what);
        CHECK(error_under_filter(false, call) == EPERM);
    }
    // What asyncio needs.
    std::array<int, 2> pair{};
    CHECK(error_under_filter(false, [&] { return socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()); }) == 0);
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
    CHECK(error_under_filter(false, [&] { return send(pair[0], &typed, 1, 0) - 1; }) == 0);
    for (const int descriptor : {terminal, socket, pair[0], pair[1]})
        close(descriptor);
}

TEST_CASE(
    "no file gets room beyond its size, no thread has open files of its own, and no session can be begun") {
    std::string file = (std::filesystem::temp_directory_path() / "filter-XXXXXX").string();
    const int descriptor = mkstemp(file.data());
    REQUIRE(descriptor != -1);
    CHECK(error_under_filter(false, [&] { return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, 4096); }) ==
          EOPNOTSUPP);
    CHECK(error_under_filter(false, [&] { return posix_fallocate(descriptor, 0, 4096); }) == 0);
    constexpr auto thread = CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    CHECK(error_under_filter(false, [&] { return syscall(SYS_clone, thread, 0, 0, 0, 0); }) == EPERM);
    CHECK(error_under_filter(false, [] { return setsid(); }) == EPERM);
    close(descriptor);
    std::filesystem::remove(file);
}
