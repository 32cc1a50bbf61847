#include "executor/supervisor.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>
#include <variant>

#include "executor/student_blocks.hpp"
#include "executor/student_code_file.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/service.hpp"

namespace runtime::executor {
namespace {

namespace asio = boost::asio;

/// Between two attempts to prepare a spare, where the last one has died.
constexpr std::chrono::milliseconds respawn_delay{1000};
/// From the start of a mode to the preparation of another spare, which takes a processor for a while: the
/// first lines of the student code go first.
constexpr std::chrono::milliseconds spare_delay{30};
/// One for the next mode, and one for a mode that follows it before another can be prepared (0.2 s on a PC,
/// and several times that on a small or busy computer).
constexpr std::size_t spare_count = 2;

/// The run that must not be run again: it ended or failed under an earlier executor.
std::uint64_t finished_run(const StudentState& state) {
    return state.phase == StudentPhase::ended || state.phase == StudentPhase::failed ? state.run_id : 0;
}

/// Each line costs a token, so that no report is worth more than another; and so does a report without any.
void log_student(LogLevel level, std::string_view text, TokenBucket& budget) {
    if (text.empty())
        budget.take();
    bool begun = false;
    while (!text.empty()) {
        if (!budget.take()) {
            if (begun)
                log_line(level, LogSource::student, "(more lines follow; they are not shown)");
            return;
        }
        begun = true;
        const auto end = text.find('\n');
        log_line(level, LogSource::student, text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

/// A line that the program printed. After a crash the interpreter prints its stack, also the part that is
/// ours.
void log_output(std::string_view line) {
    if (!line.starts_with("  File \"<runtime>/"))
        log_line(LogLevel::info, LogSource::student, line);
}

std::string cause_of_death(int status) {
    if (WIFEXITED(status))
        return "The program ended itself (exit status " + std::to_string(WEXITSTATUS(status)) +
               "): do not call os._exit, return from the function instead";
    const int signal = WTERMSIG(status);
    const std::string what = std::string(strsignal(signal)) + " (signal " + std::to_string(signal) + ")";
    if (signal == SIGSEGV || signal == SIGBUS || signal == SIGABRT || signal == SIGFPE || signal == SIGILL)
        return "The program crashed: " + what +
               ". Python code alone cannot do that: look at what ctypes or " +
               "a library in C was told to do, or at a very deep recursion";
    if (signal == SIGKILL)
        return "The program was ended by a signal: " + what +
               ". Most likely the robot's computer was short of memory: look for a list that only grows";
    return "The program was ended by a signal: " + what;
}

}  // namespace

Supervisor::Supervisor(SupervisorOptions options, BlockWatch blocks)
    : options_(std::move(options)),
      student_process_(options_.student_process),
      scratch_(options_.scratch, options_.instance),
      blocks_(std::move(blocks)),
      robot_(options_.instance),
      student_(options_.instance),
      control_(finished_run(student_->state.read()), options_.grace),
      signals_(loop_, SIGTERM, SIGINT),
      beat_timer_(loop_),
      deadline_timer_(loop_),
      respawn_timer_(loop_),
      watcher_(std::make_unique<Watcher>(
          std::vector<const std::atomic<std::uint32_t>*>{&robot_->state.sequence_word()})),
      changes_(loop_, dup(watcher_->descriptor())),
      check_(loop_, {student_process_, options_.instance, options_.student_code, scratch_.path()}) {
    state_ = student_->state.read();
    state_.pid = 0;
    scratch_.remove();
    launch_spare();
}

int Supervisor::run() {
    signals_.async_wait([this](const auto& error, int) {
        if (!error)
            shut_down();
    });
    beat();
    wait_for_robot();
    loop_.run();
    spares_.clear();
    scratch_.remove();
    return exit_status_;
}

void Supervisor::beat() {
    // A wake that was lost may not cost a mode; and the heartbeat vouches for the phase, which may still be
    // that of an executor that was killed.
    robot_changed();
    student_.beat(now());
    notify_watchdog();
    check_scratch();
    look_at_blocks();
    beat_timer_.expires_after(std::chrono::nanoseconds(heartbeat_period));
    beat_timer_.async_wait([this](const auto& error) {
        if (!error)
            beat();
    });
}

void Supervisor::wait_for_robot() {
    changes_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const auto& error) {
        if (error)
            return;
        watcher_->acknowledge();
        robot_changed();
        wait_for_robot();
    });
}

void Supervisor::robot_changed() {
    carry_out(control_.robot_changed(robot_->state.read(), now()));
}

void Supervisor::launch_spare() {
    if (spares_.size() >= spare_count)
        return;
    try {
        const StudentBlocks blocks = open_student_blocks(options_.instance);
        auto launched = launch(student_process_,
                               {"--instance", options_.instance, "--student-code", options_.student_code,
                                "--scratch", scratch_.path()},
                               blocks.commands, blocks.custom_data);
        spares_.push_back({std::make_unique<StudentChild>(loop_, std::move(launched))});
        const StudentChild* child = spares_.back().child.get();
        spares_.back().child->set_events({[this, child](const ReportHeader& header, std::string_view text) {
                                              report(child, header, text);
                                          },
                                          [this, child](std::string_view line) {
                                              if (child == running_.get())
                                                  log_output(line);
                                              else
                                                  spdlog::warn("student process: {}", printable(line));
                                          },
                                          [this, child](int status) { child_ended(child, status); }});
    } catch (const std::exception& error) {
        spdlog::error("no student process can be prepared, trying again: {}", error.what());
        launch_spare_after(respawn_delay);
    }
}

void Supervisor::launch_spare_after(std::chrono::milliseconds delay) {
    respawn_timer_.expires_after(delay);
    respawn_timer_.async_wait([this](const auto& error) {
        if (!error)
            launch_spare();
    });
}

void Supervisor::report(const StudentChild* child, const ReportHeader& header, std::string_view text) {
    if (const auto spare = find_spare(child); spare != spares_.end()) {
        if (header.kind == ReportKind::ready)
            spare_ready(*spare);
        return;
    }
    if (child != running_.get())
        return;
    messages_.refill(now());
    tracebacks_.refill(now());
    switch (header.kind) {
        case ReportKind::ended:
            running_->drain_output();
            carry_out(control_.code_returned(now()));
            break;
        case ReportKind::failed:
            carry_out(control_.code_failed(now()));
            break;
        case ReportKind::traceback:
            if (tracebacks_.tokens() >= 1) {
                running_->finish_output();
                log_student(LogLevel::error, text, tracebacks_);
            }
            break;
        case ReportKind::rate:
            if (std::isfinite(header.loop_rate) && std::isfinite(header.longest_iteration_ms)) {
                state_.loop_rate = header.loop_rate;
                state_.longest_iteration_ms = header.longest_iteration_ms;
                student_->state.publish(state_);
            }
            break;
        case ReportKind::message:
            if (messages_.tokens() >= 1) {
                running_->drain_output();
                log_student(std::min(header.level, LogLevel::error), text, messages_);
            }
            break;
        case ReportKind::ready:
            break;
    }
}

std::vector<Supervisor::Spare>::iterator Supervisor::find_spare(const StudentChild* child) {
    return std::find_if(spares_.begin(), spares_.end(),
                        [&](const Spare& spare) { return spare.child.get() == child; });
}

bool Supervisor::has_ready_spare() const {
    return std::any_of(spares_.begin(), spares_.end(), [](const Spare& spare) { return spare.ready; });
}

void Supervisor::spare_ready(Spare& spare) {
    spare.ready = true;
    if (!ready_) {
        ready_ = true;
        spdlog::info("ready: student code is {}", options_.student_code);
        notify_ready();
    }
    launch_spare_after(spare_delay);
    carry_out(control_.spare_ready(now()));
}

void Supervisor::child_ended(const StudentChild* child, int status) {
    if (find_spare(child) != spares_.end())
        spare_ended(child, status);
    else if (child == running_.get())
        running_ended(status);
}

void Supervisor::spare_ended(const StudentChild* child, int status) {
    const auto spare = find_spare(child);
    // The object may not go while one of its own handlers runs.
    asio::post(loop_, [old = std::shared_ptr<StudentChild>(std::move(spare->child))] {});
    spares_.erase(spare);
    if (!has_ready_spare())
        control_.spare_lost();
    spdlog::error("the waiting student process has died (wait status {}): preparing another", status);
    launch_spare_after(respawn_delay);
}

void Supervisor::running_ended(int status) {
    asio::post(loop_, [old = std::shared_ptr<StudentChild>(std::move(running_))] {});
    if (!control_.ending())
        log_line(LogLevel::error, LogSource::student, cause_of_death(status));
    else if (control_.told_to_end())
        log_line(LogLevel::info, LogSource::student, "The program ended with its mode");
    state_.pid = 0;
    state_.loop_rate = 0;
    state_.longest_iteration_ms = 0;
    if (scratch_.excess())
        scratch_.clear();
    carry_out(control_.process_gone(now()));
    // Where the one that has just gone took what the next spare needed, such as threads.
    if (spares_.empty() && !shutting_down_)
        launch_spare();
    // Of a run that has ended or failed the phase stays; the process does not.
    if (!running_)
        student_->state.publish_and_wake(state_);
    if (shutting_down_)
        loop_.stop();
}

void Supervisor::check_scratch() {
    const auto excess = running_ ? scratch_.excess(running_->pid()) : std::nullopt;
    if (!excess)
        return;
    if (!control_.ending()) {
        carry_out(control_.code_failed(now()));
        log_line(LogLevel::error, LogSource::student,
                 "The program was ended: it has written " + *excess +
                     " into its directory. Write less, or delete what it no longer needs");
    }
    running_->signal(SIGKILL);
}

void Supervisor::look_at_blocks() {
    if (const auto fault = blocks_.check(now()); fault && !shutting_down_) {
        spdlog::error("{}", *fault);
        exit_status_ = 1;
        shut_down();
    }
}

void Supervisor::carry_out(const RunControl::Step& step) {
    if (step.ask_to_end && running_) {
        running_->signal(SIGTERM);
        if (spares_.empty() && !shutting_down_)
            launch_spare();
    }
    if (step.kill && running_) {
        log_line(LogLevel::warning, LogSource::student,
                 control_.over()
                     ? "The program was over, but did not end and was killed: is there a loop that "
                       "catches every error, or one that never ends?"
                     : "The program did not end with its mode and was killed: is there a loop that "
                       "never ends?");
        running_->signal(SIGKILL);
    }
    if (step.publish)
        publish(step.publish->phase, step.publish->run_id);
    if (step.start)
        start();
    wait_for_deadline();
}

void Supervisor::publish(StudentPhase phase, std::uint64_t run_id) {
    if (state_.phase == phase && state_.run_id == run_id && phase != StudentPhase::running)
        return;
    state_.phase = phase;
    state_.run_id = run_id;
    state_.since = now();
    student_->state.publish_and_wake(state_);
}

std::variant<Descriptor, std::string> Supervisor::prepare_start() const {
    try {
        // No process has the blocks mapped now: the spare maps them when it starts.
        restore_student_blocks(options_.instance);
    } catch (const BlockError& error) {
        return error.what();
    }
    return open_student_code(options_.student_code);
}

void Supervisor::start() {
    const RobotState& wanted = control_.wanted();
    auto file = prepare_start();
    if (const auto* reason = std::get_if<std::string>(&file)) {
        log_line(LogLevel::error, LogSource::student, *reason);
        carry_out(control_.start_failed());
        carry_out(control_.spare_ready(now()));
        return;
    }
    const auto spare =
        std::find_if(spares_.begin(), spares_.end(), [](const Spare& each) { return each.ready; });
    running_ = std::move(spare->child);
    spares_.erase(spare);
    state_.pid = running_->pid();
    state_.loop_rate = 0;
    state_.longest_iteration_ms = 0;
    // The gate is open before the first command can come.
    publish(StudentPhase::running, wanted.run_id);
    const StartOrder order{wanted.run_id, wanted.mode, wanted.start_position, {}};
    if (!running_->start(order, std::get<Descriptor>(file).get()))
        running_->signal(SIGKILL);
    spdlog::info("{} started", name_of(wanted.mode));
    launch_spare_after(spare_delay);
    if (has_ready_spare())
        carry_out(control_.spare_ready(now()));
}

void Supervisor::wait_for_deadline() {
    const Nanoseconds deadline = control_.deadline();
    if (deadline == 0) {
        deadline_timer_.cancel();
        return;
    }
    deadline_timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(deadline)));
    deadline_timer_.async_wait([this](const auto& error) {
        if (!error)
            carry_out(control_.time_passed(now()));
    });
}

void Supervisor::shut_down() {
    notify_stopping();
    shutting_down_ = true;
    carry_out(control_.shut_down(now()));
    if (!control_.process_lives())
        loop_.stop();
}

}  // namespace runtime::executor
