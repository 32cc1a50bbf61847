#pragma once
#include <Python.h>

#include <atomic>

#include "executor/student/channel.hpp"
#include "executor/student/loop_pacer.hpp"
#include "executor/student/robot_link.hpp"

namespace runtime::student {

/// Calls X_main over and over (loop_pacer.hpp says when) and reports its rate.
class MainLoop {
  public:
    MainLoop(RobotLink& link, Channel& channel) noexcept : link_(link), channel_(channel) {}

    /// Called with the interpreter's lock held. Returns true when the mode has ended, false with a Python
    /// exception set when `function` raised one.
    bool run(PyObject* function);

    /// When the iteration that runs began; 0: none runs. Any thread.
    Nanoseconds iteration_began() const noexcept { return began_.load(std::memory_order_relaxed); }

  private:
    bool call(PyObject* function);
    bool wait(const RobotLink::Seen& seen);

    RobotLink& link_;
    Channel& channel_;
    LoopPacer pacer_;
    std::atomic<Nanoseconds> began_{0};
    Nanoseconds window_began_ = 0;
    Nanoseconds longest_ = 0;
    int iterations_ = 0;
};

}  // namespace runtime::student
