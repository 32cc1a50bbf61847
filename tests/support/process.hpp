#pragma once
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace runtime::test {

using namespace std::chrono_literals;

/// How long a test waits for something that must happen. Far above what it takes, so that no test fails
/// because a machine is slow; a promise about time belongs into a benchmark.
inline constexpr std::chrono::seconds patience{60};

/// Where the standard input of a child process comes from.
enum class StandardInput {
    inherited,  ///< the test's own
    written,    ///< what write_line() says
};

/// How often a text stands in another.
int count_of(const std::string& text, const std::string& part);

/// Reaps a child that has ended: its exit status, or 128 + the signal that ended it. Nothing while it runs.
std::optional<int> reap(pid_t child);

/// A child process of a test with its stdout and stderr in one pipe. Killed and reaped at the end of its
/// life; and where that is because of an exception, as of a REQUIRE that did not hold, the end of what it
/// said is shown.
class Process {
  public:
    /// `command[0]`: a path, or the name of a program (test::program).
    explicit Process(std::vector<std::string> command, std::vector<std::string> environment = {},
                     StandardInput input = StandardInput::inherited);
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    ~Process();

    pid_t pid() const noexcept { return pid_; }
    bool running();
    void signal(int number);
    /// Waits for the end. The exit status, or 128 + the signal that ended it; nothing if it has not ended in
    /// time.
    std::optional<int> wait(std::chrono::milliseconds limit = patience);
    /// SIGTERM, then wait().
    std::optional<int> stop();
    /// Whether the last signal that the test has sent was to kill or to stop it.
    bool forced() const noexcept;
    /// Writes a line to its standard input (StandardInput::written). False if it does not take it, because it
    /// has ended.
    bool write_line(const std::string& line) const;
    /// The next line of output, without its end, after the one where the last call, or wait_for_output,
    /// ended. Nothing if none came in time.
    std::optional<std::string> next_line(std::chrono::milliseconds limit = patience);
    /// Reads output until a line contains `text`; true if one did in time. Goes on from where the last call
    /// ended.
    bool wait_for_output(const std::string& text, std::chrono::milliseconds limit = patience);
    /// The last line that wait_for_output matched.
    const std::string& matched_line() const noexcept { return matched_; }
    /// Everything printed so far.
    const std::string& output();
    /// Its name, and the end of what it has printed so far: for the message of a failure.
    std::string last_words();

  private:
    void read_available(int wait_ms);

    std::string name_;
    pid_t pid_ = -1;
    int pipe_ = -1;
    int input_ = -1;
    int last_signal_ = 0;
    std::optional<int> status_;
    std::string output_;
    std::size_t searched_ = 0;
    std::string matched_;
};

/// Ends daemons at the end of a test: SIGTERM to all that run, then waits for them. A status other than 0, as
/// of one that has crashed or, under a sanitizer, has leaked, fails the test; but not for those that the test
/// has killed or stopped (Process::forced). For destructors; during an exception it does nothing.
void end_well(const std::vector<Process*>& daemons) noexcept;

/// Runs a program to its end.
struct Result {
    int status;
    std::string output;
};
Result run(std::vector<std::string> command, std::vector<std::string> environment = {});

/// The path of a program: in the directory that the environment variable RUNTIME_PROGRAMS names, or, where it
/// is not there, of this build.
std::string program(const std::string& name);
/// The path of a program of this build.
std::string own_program(const std::string& name);

}  // namespace runtime::test
