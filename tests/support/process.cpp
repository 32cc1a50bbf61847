#include "tests/support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <utility>

#include "tests/support/failure.hpp"

namespace runtime::test {
namespace {

using Clock = std::chrono::steady_clock;

int milliseconds_until(Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return left < 0 ? 0 : static_cast<int>(left);
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    result.reserve(strings.size() + 1);
    for (auto& string : strings)
        result.push_back(string.data());
    result.push_back(nullptr);
    return result;
}

}  // namespace

int count_of(const std::string& text, const std::string& part) {
    int count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

std::optional<int> reap(pid_t child) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) != child)
        return std::nullopt;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string program(const std::string& name) {
    if (name.find('/') != std::string::npos)
        return name;
    if (const char* directory = std::getenv("RUNTIME_PROGRAMS")) {
        const std::filesystem::path programs(directory);
        if (!std::filesystem::exists(programs / "dev_handler"))
            throw std::runtime_error("RUNTIME_PROGRAMS names no directory with programs: " +
                                     programs.string());
        if (std::filesystem::exists(programs / name))
            return programs / name;
    }
    return own_program(name);
}

std::string own_program(const std::string& name) {
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

Process::Process(std::vector<std::string> command, std::vector<std::string> environment,
                 StandardInput input) {
    command[0] = program(command[0]);
    name_ = command[0];
    for (char** variable = environ; *variable != nullptr; ++variable)
        environment.emplace_back(*variable);
    auto arguments = pointers(command);
    auto variables = pointers(environment);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("pipe");
    // A socket, since writing to one whose other end is gone can be an error instead of a signal.
    std::array<int, 2> input_ends{-1, -1};
    if (input == StandardInput::written &&
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input_ends.data()) != 0)
        throw std::runtime_error("socketpair");
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(127);
        if (input == StandardInput::written)
            dup2(input_ends[1], STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        execve(arguments[0], arguments.data(), variables.data());
        _exit(127);
    }
    close(ends[1]);
    pipe_ = ends[0];
    if (input == StandardInput::written)
        close(input_ends[1]);
    input_ = input_ends[0];
    fcntl(pipe_, F_SETFL, O_NONBLOCK);
}

Process::Process(Process&& other) noexcept {
    *this = std::move(other);
}

Process& Process::operator=(Process&& other) noexcept {
    std::swap(name_, other.name_);
    std::swap(pid_, other.pid_);
    std::swap(pipe_, other.pipe_);
    std::swap(input_, other.input_);
    std::swap(last_signal_, other.last_signal_);
    std::swap(status_, other.status_);
    std::swap(output_, other.output_);
    std::swap(searched_, other.searched_);
    std::swap(matched_, other.matched_);
    return *this;
}

Process::~Process() {
    if (pid_ > 0 && !status_) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    if (std::uncaught_exceptions() > 0 && !name_.empty())
        std::cout << "---- " << last_words() << '\n';
    if (pipe_ >= 0)
        close(pipe_);
    if (input_ >= 0)
        close(input_);
}

std::string Process::last_words() {
    constexpr std::size_t most = 8192;
    const std::string& all = output();
    const bool cut = all.size() > most;
    return name_ + (cut ? " said at the end:\n…" : " said:\n") + all.substr(cut ? all.size() - most : 0);
}

bool Process::running() {
    return !wait(std::chrono::milliseconds(0));
}

void Process::signal(int number) {
    last_signal_ = number;
    kill(pid_, number);
}

bool Process::forced() const noexcept {
    return last_signal_ == SIGKILL || last_signal_ == SIGSTOP;
}

void Process::read_available(int wait_ms) {
    if (pipe_ < 0)
        return;
    pollfd poll_pipe{pipe_, POLLIN, 0};
    if (poll(&poll_pipe, 1, wait_ms) <= 0)
        return;
    std::array<char, 65536> buffer;
    ssize_t length = 0;
    while ((length = read(pipe_, buffer.data(), buffer.size())) > 0)
        output_.append(buffer.data(), static_cast<std::size_t>(length));
    if (length == 0) {
        close(pipe_);
        pipe_ = -1;
    }
}

std::optional<int> Process::wait(std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    while (!status_) {
        // Once the pipe is closed, the process is ending: nothing is left to do but to reap it.
        status_ = reap(pid_);
        if (status_)
            break;
        const int left = milliseconds_until(deadline);
        if (left == 0)
            return std::nullopt;
        if (pipe_ >= 0)
            read_available(left < 10 ? left : 10);
        else
            poll(nullptr, 0, 1);
    }
    read_available(0);
    return status_;
}

std::optional<int> Process::stop() {
    signal(SIGTERM);
    return wait();
}

bool Process::write_line(const std::string& line) const {
    const std::string text = line + '\n';
    return send(input_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

std::optional<std::string> Process::next_line(std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    while (true) {
        if (const auto end = output_.find('\n', searched_); end != std::string::npos) {
            std::string line = output_.substr(searched_, end - searched_);
            searched_ = end + 1;
            return line;
        }
        const int left = milliseconds_until(deadline);
        if (left == 0 || pipe_ < 0)
            return std::nullopt;
        read_available(left);
    }
}

bool Process::wait_for_output(const std::string& text, std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    while (auto line = next_line(std::chrono::milliseconds(milliseconds_until(deadline)))) {
        if (line->find(text) == std::string::npos)
            continue;
        matched_ = std::move(*line);
        return true;
    }
    return false;
}

const std::string& Process::output() {
    read_available(0);
    return output_;
}

void end_well(const std::vector<Process*>& daemons) noexcept {
    if (std::uncaught_exceptions() > 0)
        return;
    for (Process* daemon : daemons)
        if (!daemon->forced() && daemon->running())
            daemon->signal(SIGTERM);
    for (Process* daemon : daemons) {
        if (daemon->forced())
            continue;
        const auto status = daemon->wait();
        if (status == 0 || !failure_report())
            continue;
        try {
            failure_report()(
                (status ? "ended with status " + std::to_string(*status) : "did not end on SIGTERM") + ": " +
                daemon->last_words());
        } catch (...) {  // a test that is to end with its first failure
        }
    }
}

Result run(std::vector<std::string> command, std::vector<std::string> environment) {
    Process process(std::move(command), std::move(environment));
    const auto status = process.wait(3 * patience);
    return {status.value_or(-1), process.output()};
}

}  // namespace runtime::test
