#pragma once
#include <cstdint>
#include <optional>

#include "executor/messages.hpp"
#include "shm_wrapper/layout.hpp"

namespace runtime::executor {

/// When to start, stop and kill the student process, and what to publish about it. Pure: time and events come
/// in, the things to do come out; the supervisor does them, in the order of the members of Step.
///
/// There is at most one running process, and one spare that waits. A run is one start of a mode (its run_id);
/// each run gets a process of its own. The next run begins when the process of the last one is gone, which
/// grace_period bounds.
class RunControl {
  public:
    struct Publication {
        StudentPhase phase;
        std::uint64_t run_id;
    };
    struct Step {
        bool ask_to_end = false;  ///< send the signal that raises ModeEnded
        bool kill = false;        ///< it did not end in time
        std::optional<Publication> publish;
        bool start = false;  ///< publish running for wanted(), then hand the spare its StartOrder
    };

    /// `finished`: a run that ended or failed before this executor was started (from the student block), so
    /// that it is not run again; 0: none.
    /// `grace`: how long a process that is told to end has; one that ends by itself has no less.
    explicit RunControl(std::uint64_t finished = 0, Nanoseconds grace = grace_period) noexcept
        : finished_(finished), grace_(grace) {}

    /// The robot's state has changed, or is seen for the first time.
    Step robot_changed(const RobotState& state, Nanoseconds time);
    /// The spare has loaded everything.
    Step spare_ready(Nanoseconds time);
    /// The spare is gone.
    void spare_lost() noexcept { spare_ready_ = false; }
    /// The start that the last step asked for could not be carried out.
    Step start_failed();
    /// The running process says that student code returned, or failed.
    Step code_returned(Nanoseconds time);
    Step code_failed(Nanoseconds time);
    /// The running process is gone.
    Step process_gone(Nanoseconds time);
    /// executor is about to end: as IDLE, for good.
    Step shut_down(Nanoseconds time);
    Step time_passed(Nanoseconds time);

    /// When time_passed is to be called; 0: not.
    Nanoseconds deadline() const noexcept { return deadline_; }
    /// The run of the mode that is selected.
    const RobotState& wanted() const noexcept { return wanted_; }
    /// The run of the process that lives.
    std::uint64_t running() const noexcept { return running_; }
    bool process_lives() const noexcept { return process_ != Process::none; }
    /// Whether the process was told to end, or said that it does.
    bool ending() const noexcept { return process_ != Process::none && process_ != Process::running; }

    /// Whether the run of the process that lives, or of the last one, has ended or failed by itself.
    bool over() const noexcept { return outcome_ != StudentPhase::none; }
    /// Whether it was told to end, and not killed since.
    bool told_to_end() const noexcept { return process_ == Process::ending; }

  private:
    enum class Process : std::uint8_t {
        none,
        running,
        leaving,  ///< ends by itself: it may still tell why it failed
        ending,   ///< was told to end
        killed,
    };

    bool has_work() const noexcept {
        return wanted_.mode != RunMode::idle && wanted_.run_id != finished_ && !shutting_down_;
    }
    Step end_or_start(Nanoseconds time);
    Step finish(StudentPhase phase, Nanoseconds time);

    RobotState wanted_{};
    std::uint64_t finished_;
    Nanoseconds grace_;
    std::uint64_t running_ = 0;
    Process process_ = Process::none;
    bool spare_ready_ = false;
    bool shutting_down_ = false;
    /// How the running run ended by itself; none: it did not.
    StudentPhase outcome_ = StudentPhase::none;
    Nanoseconds deadline_ = 0;
};

}  // namespace runtime::executor
