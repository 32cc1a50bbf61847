#include "executor/run_control.hpp"

#include <algorithm>

namespace runtime::executor {

RunControl::Step RunControl::robot_changed(const RobotState& state, Nanoseconds time) {
    wanted_ = state;
    return end_or_start(time);
}

RunControl::Step RunControl::spare_ready(Nanoseconds time) {
    spare_ready_ = true;
    return end_or_start(time);
}

RunControl::Step RunControl::end_or_start(Nanoseconds time) {
    Step step;
    const bool wanted = wanted_.mode != RunMode::idle && wanted_.run_id == running_ && !shutting_down_;
    if ((process_ == Process::running || process_ == Process::leaving) && !wanted) {
        if (process_ == Process::running)
            step.publish = {StudentPhase::stuck, running_};
        process_ = Process::ending;
        deadline_ = time + grace_;
        step.ask_to_end = true;
    }
    if (process_ != Process::none)
        return step;
    if (has_work()) {
        if (spare_ready_) {
            spare_ready_ = false;
            process_ = Process::running;
            running_ = wanted_.run_id;
            outcome_ = StudentPhase::none;
            step.start = true;
        } else {
            step.publish = {StudentPhase::starting, wanted_.run_id};
        }
    } else if (wanted_.mode == RunMode::idle || (shutting_down_ && wanted_.run_id != finished_)) {
        step.publish = {StudentPhase::none, wanted_.run_id};
    }
    return step;
}

RunControl::Step RunControl::start_failed() {
    process_ = Process::none;
    finished_ = running_;
    Step step;
    step.publish = {StudentPhase::failed, running_};
    return step;
}

RunControl::Step RunControl::finish(StudentPhase phase, Nanoseconds time) {
    Step step;
    if (process_ == Process::none || outcome_ != StudentPhase::none)
        return step;
    outcome_ = phase;
    finished_ = running_;
    step.publish = {phase, running_};
    if (process_ == Process::running) {
        process_ = Process::leaving;
        deadline_ = time + std::max(leave_period, grace_);
    }
    return step;
}

RunControl::Step RunControl::code_returned(Nanoseconds time) {
    return finish(StudentPhase::ended, time);
}

RunControl::Step RunControl::code_failed(Nanoseconds time) {
    return finish(StudentPhase::failed, time);
}

RunControl::Step RunControl::process_gone(Nanoseconds time) {
    // A process that goes without a word, and was not asked to, crashed.
    Step step = process_ == Process::running ? finish(StudentPhase::failed, time) : Step{};
    process_ = Process::none;
    deadline_ = 0;
    const Step next = end_or_start(time);
    if (next.publish)
        step.publish = next.publish;
    step.start = next.start;
    return step;
}

RunControl::Step RunControl::shut_down(Nanoseconds time) {
    shutting_down_ = true;
    return end_or_start(time);
}

RunControl::Step RunControl::time_passed(Nanoseconds time) {
    Step step;
    if (deadline_ == 0 || time < deadline_)
        return step;
    deadline_ = 0;
    if (process_ == Process::ending || process_ == Process::leaving) {
        process_ = Process::killed;
        step.kill = true;
    }
    return step;
}

}  // namespace runtime::executor
