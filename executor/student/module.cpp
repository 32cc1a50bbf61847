#include <pybind11/embed.h>
#include <pybind11/stl.h>
#include <unistd.h>

#include <algorithm>

#include "executor/student/ending.hpp"
#include "executor/student/input_names.hpp"
#include "executor/student/refusals.hpp"
#include "executor/student/session.hpp"
#include "executor/student/values.hpp"

namespace py = pybind11;

namespace runtime::student {
namespace {

Session* current = nullptr;
PyObject* device_error_type = nullptr;
PyObject* name_error_type = nullptr;
PyObject* mode_ended_type = nullptr;
unsigned long main_thread = 0;

/// Exceptions that a traceback shows under their bare name, as it does for Python's own.
PyObject* new_exception(const char* name, const char* text, PyObject* base, PyObject* dict = nullptr) {
    return PyErr_NewExceptionWithDoc((std::string("builtins.") + name).c_str(), text, base, dict);
}

void add_functions(py::module_& module, PyMethodDef* functions) {
    if (PyModule_AddFunctions(module.ptr(), functions) != 0)
        throw py::error_already_set();
}

bool run_main_loop(const py::function& function) {
    const bool ended = current->loop.run(function.ptr());
    if (!ended && PyErr_Occurred() != nullptr)
        throw py::error_already_set();
    return ended;
}

/// Text of Python's that UTF-8 cannot hold (a part of a surrogate pair) is shown as Python writes it:
/// "\udcff".
std::string utf8(const py::str& text) {
    const auto bytes =
        py::reinterpret_steal<py::bytes>(PyUnicode_AsEncodedString(text.ptr(), "utf-8", "backslashreplace"));
    if (!bytes)
        throw py::error_already_set();
    return bytes;
}

/// What get_value or set_value will say, as far as it can be told before the run; None if nothing.
/// `parameter` and `value` may be unknown.
py::object check_parameter(const py::str& device_id, const std::optional<py::str>& name, bool write,
                           const std::optional<py::tuple>& value) {
    const std::string id = utf8(device_id);
    const std::optional<std::string> parameter = name ? std::optional(utf8(*name)) : std::nullopt;
    const Located located = current->link.locate(id, parameter.value_or(""));
    if (located.fault == Fault::bad_id || located.fault == Fault::unknown_type ||
        (located.fault == Fault::no_parameter && parameter))
        return py::str(current->link.explain(located, id, parameter.value_or("")));
    if (!parameter)
        return py::none();
    const ParameterType& kind = located.kind();
    if (!(write ? kind.write : kind.read))
        return py::str("\"" + *parameter + "\" of " + std::string(located.type->name()) +
                       (write ? " cannot be set, only read" : " cannot be read, only set"));
    if (!value)
        return py::none();
    const Converted converted = from_python(py::object((*value)[0]).ptr(), kind.kind, *parameter);
    if (converted.error)
        return py::str(converted.error->text);
    const double number = kind.kind == ParameterKind::integer
                              ? static_cast<double>(converted.value.integer())
                              : static_cast<double>(converted.value.floating());
    if (kind.bounded && (number < kind.minimum || number > kind.maximum))
        return py::str("{} takes {:g} to {:g}, and {:g} counts as {:g}")
            .format(*parameter, kind.minimum, kind.maximum, number,
                    std::clamp(number, kind.minimum, kind.maximum));
    return py::none();
}

py::object check_input(const py::str& name, bool gamepad) {
    const std::string problem = gamepad ? gamepad_problem(utf8(name)) : keyboard_problem(utf8(name));
    return problem.empty() ? py::object(py::none()) : py::str(problem);
}

/// The end of the mode once more, for the thread that has it.
void raise_end_again() noexcept {
    if (PyThread_get_thread_ident() == main_thread)
        PyErr_SetInterruptEx(Ending::signal_number());
    else
        PyThreadState_SetAsyncExc(PyThread_get_thread_ident(), mode_ended_type);
}

/// sys.unraisablehook. Python swallows what is raised in a __del__, in a callback of a weak reference or of a
/// fork: the end of the mode is raised again behind it. Not in Python, where it would be raised in this hook.
void on_unraisable(const py::object& what) {
    if (what.attr("exc_type").ptr() != mode_ended_type)
        py::module_::import("sys").attr("__unraisablehook__")(what);
    else
        raise_end_again();
}

void raise_in_thread(unsigned long thread, const py::object& type) {
    PyThreadState_SetAsyncExc(thread, type.ptr());
}

}  // namespace

void use(Session& session) noexcept {
    current = &session;
}

Session* session() noexcept {
    return current;
}

PyObject* device_error() noexcept {
    return device_error_type;
}

PyObject* mode_ended() noexcept {
    return mode_ended_type;
}

PyObject* name_error() noexcept {
    return name_error_type;
}

void forget_exception() noexcept {
    if (PyErr_ExceptionMatches(mode_ended_type) != 0)
        raise_end_again();
    PyErr_Clear();
}

PyObject* raise(PyObject* type, const std::string& message) noexcept {
    PyErr_SetString(type, message.c_str());
    return nullptr;
}

PYBIND11_EMBEDDED_MODULE(_runtime, module) {
    py::dict shown_plainly;
    shown_plainly["__str__"] = py::handle(PyExc_Exception).attr("__str__");
    device_error_type = new_exception(
        "DeviceError", "A device is not connected, or cannot do what it was told to.", PyExc_Exception);
    name_error_type =
        new_exception("KeyError", "A name that does not exist.", PyExc_KeyError, shown_plainly.ptr());
    // asyncio keeps what a task raises, but for what ends a program: this one and SystemExit.
    mode_ended_type =
        new_exception("ModeEnded",
                      "The mode has ended, and with it the program. Not an Exception: code that "
                      "catches all errors does not catch it.",
                      PyExc_KeyboardInterrupt);
    module.attr("DeviceError") = py::handle(device_error_type);
    module.attr("ModeEnded") = py::handle(mode_ended_type);
    main_thread = PyThread_get_thread_ident();
    add_functions(module, robot_functions());
    add_functions(module, input_functions());

    explain_refusals();
    module.attr("NOT_ALLOWED") = not_allowed;

    module.def("main_loop", run_main_loop);
    module.def("check_parameter", check_parameter);
    module.def("check_input", check_input);
    module.def("raise_in_thread", raise_in_thread);
    module.def("on_unraisable", on_unraisable);
    module.def("install_end_signal",
               [] { Ending::install([](int number) { PyErr_SetInterruptEx(number); }); });
    module.attr("end_signal") = Ending::signal_number();
    module.def("ending", [] { return Ending::requested(); });
    module.def("report_message", [](int level, const py::str& text) {
        const std::string message = utf8(text);
        const py::gil_scoped_release released;
        current->channel.report(executor::ReportKind::message, message, static_cast<LogLevel>(level));
    });
    module.def("exit", [] { _exit(0); });
    module.def("report_ended", [] {
        const py::gil_scoped_release released;
        current->channel.report(executor::ReportKind::ended);
    });
    module.def("report_failed", [] {
        const py::gil_scoped_release released;
        current->channel.report(executor::ReportKind::failed);
    });
    module.def("report_traceback", [](const py::str& text) {
        const std::string traceback = utf8(text);
        const py::gil_scoped_release released;
        current->channel.report(executor::ReportKind::traceback, traceback);
    });
    module.def("iteration_seconds", [] {
        const Nanoseconds began = current->loop.iteration_began();
        return began == 0 ? 0.0 : static_cast<double>(now() - began) / static_cast<double>(second);
    });
}

}  // namespace runtime::student
