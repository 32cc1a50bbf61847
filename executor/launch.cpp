#include "executor/launch.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "executor/messages.hpp"

namespace runtime::executor {
namespace {

/// While a student process is being prepared: below the daemons, which run at 0, but above student code
/// (sandbox.cpp), so that a program that takes the whole processor cannot delay the next mode.
constexpr int niceness = 1;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    result.reserve(strings.size() + 1);
    for (auto& string : strings)
        result.push_back(string.data());
    result.push_back(nullptr);
    return result;
}

/// Nothing of the daemon's environment: it may hold the service manager's socket, and a PYTHON variable would
/// change what the interpreter loads.
std::vector<std::string> environment() {
    std::vector<std::string> variables{
        "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent",
        // One thread: numeric libraries otherwise start one for each processor when they are imported.
        "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"};
    for (const char* name : {"ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"})
        if (const char* value = std::getenv(name); value != nullptr)
            variables.push_back(std::string(name) + "=" + value);
    return variables;
}

/// In the child between fork and exec: only what is safe there. The descriptors are all above 5, so that none
/// is overwritten before it has been copied.
struct Arrangement {
    std::array<int, 6> descriptors;
    char** arguments;
    char** variables;
    pid_t parent;
};

[[noreturn]] void become(const Arrangement& arrangement) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpriority(PRIO_PROCESS, 0, niceness);
    if (getppid() != arrangement.parent)
        _exit(127);
    for (int target = 0; target < static_cast<int>(arrangement.descriptors.size()); ++target) {
        const int source = arrangement.descriptors[static_cast<std::size_t>(target)];
        if (source >= 0)
            dup2(source, target);
        else
            close(target);
    }
    syscall(SYS_close_range, static_cast<int>(arrangement.descriptors.size()), ~0U, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execve(arrangement.arguments[0], arrangement.arguments, arrangement.variables);
    _exit(127);
}

/// A copy of the descriptor above those that the child will use.
Descriptor lifted(int descriptor) {
    Descriptor result(fcntl(descriptor, F_DUPFD_CLOEXEC, 10));
    if (!result)
        fail("cannot copy a descriptor");
    return result;
}

}  // namespace

Launched launch(const std::vector<std::string>& command, const Descriptor& commands,
                const Descriptor& custom_data) {
    std::array<int, 2> sockets{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) != 0)
        fail("cannot create a socket");
    Launched result;
    result.channel = Descriptor(sockets[0]);
    const Descriptor child_socket(sockets[1]);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        fail("cannot create a pipe");
    result.output = Descriptor(ends[0]);
    const Descriptor child_output(ends[1]);
    fcntl(result.channel.get(), F_SETFL, O_NONBLOCK);
    fcntl(result.output.get(), F_SETFL, O_NONBLOCK);

    const Descriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null)
        fail("cannot open /dev/null");
    const Descriptor input = lifted(null.get());
    const Descriptor output = lifted(child_output.get());
    const Descriptor channel = lifted(child_socket.get());
    const Descriptor first = commands ? lifted(commands.get()) : Descriptor();
    const Descriptor second = custom_data ? lifted(custom_data.get()) : Descriptor();

    std::vector<std::string> words = command;
    std::vector<std::string> variables = environment();
    auto arguments = pointers(words);
    auto values = pointers(variables);
    const Arrangement arrangement{
        {input.get(), output.get(), output.get(), channel.get(), first.get(), second.get()},
        arguments.data(),
        values.data(),
        getpid()};
    result.pid = fork();
    if (result.pid < 0)
        fail("cannot start a process");
    if (result.pid == 0)
        become(arrangement);
    result.process = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, result.pid, 0)));
    if (!result.process) {
        const int error = errno;
        kill(result.pid, SIGKILL);
        waitpid(result.pid, nullptr, 0);
        errno = error;
        fail("cannot watch a process");
    }
    return result;
}

}  // namespace runtime::executor
