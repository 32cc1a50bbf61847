#pragma once
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "executor/file_watch.hpp"
#include "executor/student_child.hpp"

namespace runtime::executor {

struct CodeCheckOptions {
    const Program& student_process;  ///< must outlive the checks
    std::string instance;
    std::string student_code;
    std::string scratch;
};

/// Checks the student's file when it has changed, in a process of its own, and has the log say what was
/// found: before anyone presses start, and without touching the program that runs.
class CodeCheck {
  public:
    /// Throws std::system_error.
    CodeCheck(boost::asio::io_context& loop, CodeCheckOptions options);

  private:
    void file_changed();
    void launch_check(const Descriptor& code);
    void report(const ReportHeader& header, std::string_view text);
    void ended(int status);

    /// A check takes some milliseconds; one that takes this long is killed.
    static constexpr std::chrono::seconds limit{30};
    /// Where no process could be started for one.
    static constexpr std::chrono::seconds retry_delay{1};
    static constexpr int max_reports = 50;

    boost::asio::io_context& loop_;
    CodeCheckOptions options_;
    FileWatch watch_;
    boost::asio::steady_timer limit_timer_;
    std::unique_ptr<StudentChild> child_;
    int reports_ = 0;
    /// The file changed while a check ran.
    bool again_ = false;
    bool seen_ = false;  ///< whatever stood there at the start
    /// The file as it was checked last.
    struct stat checked_ {};
    std::string last_problem_;
};

}  // namespace runtime::executor
