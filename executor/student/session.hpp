#pragma once
#include <Python.h>

#include "executor/student/channel.hpp"
#include "executor/student/main_loop.hpp"
#include "executor/student/robot_link.hpp"

namespace runtime::student {

/// What the functions of the Python module work on: one for the process, made before the interpreter runs.
struct Session {
    RobotLink& link;
    Channel& channel;
    MainLoop loop;
};

/// Has the module use `session`, which must outlive the interpreter.
void use(Session& session) noexcept;
/// Null before use().
Session* session() noexcept;

/// The exception types of the API; borrowed.
PyObject* device_error() noexcept;
PyObject* mode_ended() noexcept;
/// A KeyError whose message is shown as it is, without the quotes of a key.
PyObject* name_error() noexcept;

/// Forgets the Python exception that is set. The end of the mode, which it may be, is raised again soon.
void forget_exception() noexcept;

/// Sets the Python exception `type` with this message. Returns null, to be returned to Python.
PyObject* raise(PyObject* type, const std::string& message) noexcept;

/// The API's functions: Robot.get_value and the like, as Python calls them.
PyMethodDef* robot_functions() noexcept;
PyMethodDef* input_functions() noexcept;

}  // namespace runtime::student
