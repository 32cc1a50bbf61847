#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "executor/code_check.hpp"
#include "executor/run_control.hpp"
#include "executor/scratch_directory.hpp"
#include "executor/student_child.hpp"
#include "shm_wrapper/block_watch.hpp"
#include "shm_wrapper/watcher.hpp"

namespace runtime::executor {

struct SupervisorOptions {
    std::string instance;
    std::string student_code;          ///< path of the student's file
    std::string student_process;       ///< path of the program that runs it
    std::string scratch;               ///< where the scratch directory is made
    Nanoseconds grace = grace_period;  ///< from the end of a mode to SIGKILL
};

/// The loop of executor: keeps spare student processes ready, starts, ends and kills as RunControl says, and
/// brings what the student process says into the log. One thread.
class Supervisor {
  public:
    /// Attaches the blocks, which are those that `blocks` has seen. Throws BlockError or std::system_error.
    Supervisor(SupervisorOptions options, BlockWatch blocks);
    /// Returns after SIGTERM or SIGINT, or when its blocks are gone, when no student process is left. The
    /// exit status.
    int run();

  private:
    struct Spare {
        std::unique_ptr<StudentChild> child;
        bool ready = false;
    };

    void beat();
    void wait_for_robot();
    void robot_changed();
    void launch_spare();
    void launch_spare_after(std::chrono::milliseconds delay);
    void spare_ended(const StudentChild* child, int status);
    std::vector<Spare>::iterator find_spare(const StudentChild* child);
    bool has_ready_spare() const;
    void running_ended(int status);
    void child_ended(const StudentChild* child, int status);
    void report(const StudentChild* child, const ReportHeader& header, std::string_view text);
    void spare_ready(Spare& spare);
    void check_scratch();
    void look_at_blocks();
    void carry_out(const RunControl::Step& step);
    void publish(StudentPhase phase, std::uint64_t run_id);
    void start();
    std::variant<Descriptor, std::string> prepare_start() const;
    void wait_for_deadline();
    void shut_down();

    SupervisorOptions options_;
    Program student_process_;
    ScratchDirectory scratch_;
    BlockWatch blocks_;
    BlockReader<RobotBlock> robot_;
    BlockWriter<StudentBlock> student_;
    RunControl control_;
    StudentState state_{};
    boost::asio::io_context loop_{1};
    boost::asio::signal_set signals_;
    boost::asio::steady_timer beat_timer_;
    boost::asio::steady_timer deadline_timer_;
    boost::asio::steady_timer respawn_timer_;
    std::unique_ptr<Watcher> watcher_;
    boost::asio::posix::stream_descriptor changes_;
    CodeCheck check_;
    /// In the order in which they were launched.
    std::vector<Spare> spares_;
    std::unique_ptr<StudentChild> running_;
    /// Lines about the student code that do not come through its output.
    TokenBucket messages_{20, 200};
    /// A run has one, of some hundred lines at most; kept apart, so that no flood of messages costs it.
    TokenBucket tracebacks_{100, 1000};
    bool ready_ = false;
    bool shutting_down_ = false;
    int exit_status_ = 0;
};

}  // namespace runtime::executor
