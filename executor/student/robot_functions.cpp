#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "executor/student/arguments.hpp"
#include "executor/student/ending.hpp"
#include "executor/student/session.hpp"
#include "executor/student/values.hpp"

namespace runtime::student {
namespace {

/// The first report of a device that was just connected: an UltrasonicSensor without an echo takes 0.7 s, all
/// others at most 0.1 s.
constexpr Nanoseconds first_report = second;

/// What is too large is shown as infinity.
float to_single(double number) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    if (std::abs(number) > static_cast<double>(std::numeric_limits<float>::max()))
        return number > 0 ? infinity : -infinity;
    return static_cast<float>(number);
}

bool locate(PyObject* device_id, PyObject* parameter, Located& located) {
    std::string_view id;
    std::string_view name;
    if (!take_text(device_id, "the device id", "6_12345", id) ||
        !take_text(parameter, "the parameter's name", "velocity_a", name))
        return false;
    located = session()->link.locate(id, name);
    if (located.fault == Fault::none)
        return true;
    raise(located.fault == Fault::bad_id ? PyExc_ValueError : device_error(),
          session()->link.explain(located, id, name));
    return false;
}

std::string name_of(const Located& located) {
    return "\"" + std::string(located.kind().name()) + "\" of " + std::string(located.type->name()) + " " +
           device_name(located.id.type.value_or(0), located.id.uid.value_or(0));
}

PyObject* get_value(PyObject*, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
    std::array<PyObject*, 2> arguments{};
    Located located;
    if (!take_arguments("Robot.get_value", std::array{"device_id", "param"}, given, count, keywords,
                        arguments) ||
        !locate(arguments[0], arguments[1], located))
        return nullptr;
    const ParameterType& kind = located.kind();
    if (!kind.read)
        return raise(device_error(), name_of(located) + " cannot be read, only set");
    auto value = session()->link.read(located);
    if (!value) {
        PyThreadState* const released = PyEval_SaveThread();
        value = session()->link.wait_for_value(located, now() + first_report);
        PyEval_RestoreThread(released);
        if (PyErr_CheckSignals() != 0)
            return nullptr;
        if (!value && Ending::requested())
            return raise(mode_ended(), "");
    }
    if (!value)
        return raise(device_error(),
                     name_of(located) + " has no value yet: the device has just been connected");
    return to_python(kind.kind, *value);
}

PyObject* set_value(PyObject*, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
    std::array<PyObject*, 3> arguments{};
    Located located;
    if (!take_arguments("Robot.set_value", std::array{"device_id", "param", "value"}, given, count, keywords,
                        arguments) ||
        !locate(arguments[0], arguments[1], located))
        return nullptr;
    if (!located.kind().write)
        return raise(device_error(), name_of(located) + " cannot be set, only read");
    const Converted converted =
        from_python(arguments[2], located.kind().kind, std::string(located.kind().name()));
    if (converted.error)
        return raise(converted.error->exception != nullptr ? converted.error->exception : device_error(),
                     converted.error->text);
    session()->link.command(located, converted.value);
    Py_RETURN_NONE;
}

/// Pauses the calling thread. True if the time has passed, false if the mode ended before.
PyObject* sleep(PyObject*, PyObject* seconds) {
    const double span = PyFloat_AsDouble(seconds);
    if (PyErr_Occurred() != nullptr)
        return nullptr;
    constexpr double longest = 1e6;
    const Nanoseconds until =
        now() + static_cast<Nanoseconds>(std::fmin(span, longest) * static_cast<double>(second));
    PyThreadState* const released = PyEval_SaveThread();
    while (!Ending::requested() && now() < until)
        futex::wait(Ending::word(), 0, until);
    PyEval_RestoreThread(released);
    if (PyErr_CheckSignals() != 0)
        return nullptr;
    return PyBool_FromLong(Ending::requested() ? 0 : 1);
}

PyObject* log(PyObject*, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
    std::array<PyObject*, 2> arguments{};
    std::string_view key;
    if (!take_arguments("Robot.log", std::array{"key", "value"}, given, count, keywords, arguments) ||
        !take_text(arguments[0], "the key", "speed", key))
        return nullptr;
    if (key.empty() || key.size() >= custom_key_size || key.find('\0') != std::string_view::npos)
        return raise(PyExc_ValueError,
                     "Robot.log: a key has 1 to 63 characters (letters beyond a-z count more)");
    if (key == "id" || key == "time_ms")
        return raise(PyExc_ValueError, "Robot.log: the driver station uses \"" + std::string(key) +
                                           "\" itself; choose another key");
    const auto kind = kind_of(arguments[1]);
    if (!kind)
        return raise(PyExc_TypeError, "Robot.log shows an int, a float or a bool, not " +
                                          std::string(Py_TYPE(arguments[1])->tp_name) +
                                          ": use print for anything else");
    Value value{};
    if (*kind == ParameterKind::floating) {
        const double number = PyFloat_AsDouble(arguments[1]);
        if (PyErr_Occurred() != nullptr)
            return nullptr;
        value = Value::of(to_single(number));
    } else {
        const Converted converted =
            from_python(arguments[1], *kind, "Robot.log: \"" + std::string(key) + "\"");
        if (converted.error)
            return raise(
                converted.error->exception != nullptr ? converted.error->exception : PyExc_ValueError,
                converted.error->text);
        value = converted.value;
    }
    if (!session()->link.log(key, *kind, value))
        return raise(PyExc_ValueError,
                     "Robot.log: there are 255 keys already, and no room for \"" + std::string(key) + "\"");
    Py_RETURN_NONE;
}

}  // namespace

PyMethodDef* robot_functions() noexcept {
    static std::array<PyMethodDef, 5> functions{
        {method<get_value>("get_value",
                           "get_value(device_id, param)\n--\n\n"
                           "The latest value that the device has reported: an int, a float or a bool."),
         method<set_value>(
             "set_value",
             "set_value(device_id, param, value)\n--\n\n"
             "Sets a parameter of a device, for example the velocity of a motor (from -1 to 1)."),
         {"sleep_until_end", sleep, METH_O, "sleep_until_end(seconds)\n--\n\n"},
         method<log>("log",
                     "log(key, value)\n--\n\n"
                     "Shows an int, a float or a bool under this name at the driver station."),
         {nullptr, nullptr, 0, nullptr}}};
    return functions.data();
}

}  // namespace runtime::student
