#include "executor/student/main_loop.hpp"

#include <algorithm>

#include "executor/student/ending.hpp"

namespace runtime::student {

bool MainLoop::run(PyObject* function) {
    window_began_ = now();
    while (!Ending::requested()) {
        const RobotLink::Seen seen = link_.look();
        if (!call(function) || !wait(seen))
            return false;
        if (!link_.in_run())
            return true;
    }
    return true;
}

bool MainLoop::call(PyObject* function) {
    const Nanoseconds began = now();
    pacer_.begin(began);
    began_.store(began, std::memory_order_relaxed);
    PyObject* result = PyObject_CallNoArgs(function);
    began_.store(0, std::memory_order_relaxed);
    Py_XDECREF(result);
    const Nanoseconds ended = now();
    longest_ = std::max(longest_, ended - began);
    ++iterations_;
    if (ended - window_began_ >= second) {
        channel_.report_rate(
            static_cast<float>(iterations_ * static_cast<double>(second) /
                               static_cast<double>(ended - window_began_)),
            static_cast<float>(static_cast<double>(longest_) / static_cast<double>(millisecond)));
        window_began_ = ended;
        longest_ = 0;
        iterations_ = 0;
    }
    return result != nullptr;
}

bool MainLoop::wait(const RobotLink::Seen& seen) {
    PyThreadState* const released = PyEval_SaveThread();
    while (!Ending::requested()) {
        const RobotLink::Seen present = link_.look();
        const Nanoseconds time = now();
        const bool inputs = present.inputs != seen.inputs || present.robot != seen.robot;
        const bool data = present.devices != seen.devices;
        const Nanoseconds due = inputs ? pacer_.after_inputs(time)
                                : data ? std::min(pacer_.after_data(time), pacer_.latest())
                                       : pacer_.latest();
        if (time >= due)
            break;
        // Device data that came already is waited for no more; new inputs may bring the next turn forward.
        link_.wait(present, !inputs && !data, due);
    }
    PyEval_RestoreThread(released);
    return PyErr_CheckSignals() == 0;
}

}  // namespace runtime::student
