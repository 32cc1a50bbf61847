// The system call filter, each time in a process of its own: nobody gets rid of it.
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "executor/student/sandbox.hpp"

using namespace runtime;

namespace {

/// The error of the call under the filter; 0: it succeeded.
int error_under_filter(bool refuse_writing, const std::function<long()>& call) {
    const pid_t child = fork();
    if (child == 0) {
        student::filter_system_calls(refuse_writing);
        errno = 0;
        _exit(call() == -1 ? errno : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

long futex(int operation) {
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
    };
    for (const auto& [what, call] : refused) {
        INFO(what);
        CHECK(error_under_filter(true, call) == EPERM);
    }
    CHECK(error_under_filter(true, [&] { return open(file.c_str(), O_RDONLY); }) == 0);
    CHECK(error_under_filter(false, [&] { return open(file.c_str(), O_WRONLY); }) == 0);
    std::filesystem::remove_all(directory);
}

TEST_CASE("of the futex operations only waiting and waking exist") {
    for (const int flags : {0, FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME}) {
        for (int operation = 0; operation <= 127; ++operation) {
            const bool known = operation == FUTEX_WAIT || operation == FUTEX_WAKE ||
                               operation == FUTEX_WAIT_BITSET || operation == FUTEX_WAKE_BITSET;
            INFO("operation " << operation << " with flags " << flags);
            const int error = error_under_filter(false, [&] { return futex(operation | flags); });
            // The kernel's own answer to waking and waiting with what is passed here.
            if (!known)
                CHECK(error == ENOSYS);
            else if (flags != FUTEX_CLOCK_REALTIME)
                CHECK(error != ENOSYS);
        }
    }
}

TEST_CASE("system calls that are newer than the filter do not exist") {
    for (const long number : {452L, 456L, 463L, 468L, 600L, 1000L}) {
        INFO(number);
        CHECK(error_under_filter(
                  false, [&] { return syscall(number, -1, nullptr, 0, nullptr, nullptr, 0); }) == ENOSYS);
    }
}
