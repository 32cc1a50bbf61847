#include "executor/launch.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

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
        "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1",
        // Each thread otherwise reserves 64 MiB of address space, which is limited (sandbox.cpp).
        "MALLOC_ARENA_MAX=1"};
    for (const char* name : {"ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"})
        if (const char* value = std::getenv(name); value != nullptr)
            variables.push_back(std::string(name) + "=" + value);
    return variables;
}

/// In the child between fork and exec: only what is safe there. The descriptors are all above 5, so that none
/// is overwritten before it has been copied.
struct Arrangement {
    int program;
    std::array<int, 6> descriptors;
    char** arguments;
    char** variables;
    pid_t parent;
};

[[noreturn]] void become(const Arrangement& arrangement) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // A terminal that executor was started from is not student code's. Not by a session of its own: the
    // kernel may share the processor out by sessions, and then the lower priority would count for nothing.
    if (const int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC); terminal >= 0) {
        ioctl(terminal, TIOCNOTTY);
        close(terminal);
    }
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
    syscall(SYS_close_range, static_cast<int>(arrangement.descriptors.size()), ~0U, CLOSE_RANGE_CLOEXEC);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    syscall(SYS_execveat, arrangement.program, "", arrangement.arguments, arrangement.variables,
            AT_EMPTY_PATH);
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

Program::Program(std::string path) : path_(std::move(path)), file_(open(path_.c_str(), O_PATH | O_CLOEXEC)) {
    if (!file_ || access(path_.c_str(), X_OK) != 0)
        fail(("cannot run " + path_ + " (see --student-process)").c_str());
}

Launched launch(const Program& program, const std::vector<std::string>& arguments, const Descriptor& commands,
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

    const Descriptor file = lifted(program.file().get());
    std::vector<std::string> words{program.path()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables = environment();
    auto word_pointers = pointers(words);
    auto variable_pointers = pointers(variables);
    const Arrangement arrangement{
        file.get(),
        {input.get(), output.get(), output.get(), channel.get(), first.get(), second.get()},
        word_pointers.data(),
        variable_pointers.data(),
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
