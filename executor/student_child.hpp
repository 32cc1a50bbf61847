#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "executor/launch.hpp"
#include "executor/messages.hpp"
#include "executor/output_lines.hpp"

namespace runtime::executor {

/// One student process (or one check of a file) as the loop sees it: its reports, its output and its end.
/// Nothing that the process does blocks the loop or makes it spin: what is read in a turn is bounded (output
/// to 256 KiB, whatever it is read for), the rest waits in the kernel, and with it the process. Killed and
/// reaped at the end of this object's life.
class StudentChild {
  public:
    struct Events {
        std::function<void(const ReportHeader& report, std::string_view text)> report;
        std::function<void(std::string_view line)> output;
        /// The wait status (waitpid). All reports and output have been delivered before.
        std::function<void(int status)> ended;
    };

    StudentChild(boost::asio::io_context& loop, Launched launched);
    ~StudentChild();
    StudentChild(const StudentChild&) = delete;
    StudentChild& operator=(const StudentChild&) = delete;

    /// Before the loop turns the next time.
    void set_events(Events events) { events_ = std::move(events); }
    pid_t pid() const noexcept { return pid_; }
    /// Hands over the start of a run with the open file of the student's code. False if the process does not
    /// take it.
    bool start(const StartOrder& order, int code) noexcept;
    void signal(int number) const noexcept;
    /// Delivers the output that the process has written so far: what it says next comes after it.
    void drain_output();
    /// The same, and an unfinished line is shown as one.
    void finish_output();

  private:
    void wait_for_reports();
    void wait_for_output();
    void wait_for_end();
    /// What a read found: nothing more for now, more than fits into this turn, or the other end closed.
    enum class Found : std::uint8_t { all, more, end };
    Found read_reports();
    Found read_output();
    void look_again();
    void finish();

    Events events_;
    OutputLines lines_;
    pid_t pid_;
    boost::asio::posix::stream_descriptor process_;
    boost::asio::posix::stream_descriptor channel_;
    boost::asio::posix::stream_descriptor output_;
    boost::asio::steady_timer timer_;
    bool reaped_ = false;
    bool timer_runs_ = false;
    std::size_t output_taken_ = 0;  ///< in this turn
    bool reports_paused_ = false;
    bool output_paused_ = false;
    /// Handlers that are queued when this object goes find it expired.
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace runtime::executor
