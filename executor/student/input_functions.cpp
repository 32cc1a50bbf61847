#include <array>
#include <string>

#include "executor/student/arguments.hpp"
#include "executor/student/input_names.hpp"
#include "executor/student/session.hpp"

namespace runtime::student {
namespace {

bool check_mode(const char* source) {
    if (session()->link.mode() == RunMode::teleop)
        return true;
    raise(PyExc_NotImplementedError,
          std::string(source) + " can be used in TELEOP only: nobody drives the robot in AUTO");
    return false;
}

PyObject* gamepad_get_value(PyObject*, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
    std::array<PyObject*, 1> arguments{};
    std::string_view name;
    if (!check_mode("Gamepad") ||
        !take_arguments("Gamepad.get_value", std::array{"name"}, given, count, keywords, arguments) ||
        !take_text(arguments[0], "the name", "button_a", name))
        return nullptr;
    const Inputs inputs = session()->link.inputs();
    if (const auto button = find_button(name))
        return PyBool_FromLong(inputs.gamepad_connected && ((inputs.gamepad_buttons >> *button) & 1U) != 0);
    if (const auto axis = find_axis(name))
        return PyFloat_FromDouble(inputs.gamepad_connected ? static_cast<double>(inputs.gamepad_axes[*axis])
                                                           : 0.0);
    return raise(name_error(), gamepad_problem(name));
}

PyObject* keyboard_get_value(PyObject*, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
    std::array<PyObject*, 1> arguments{};
    std::string_view name;
    if (!check_mode("Keyboard") ||
        !take_arguments("Keyboard.get_value", std::array{"name"}, given, count, keywords, arguments) ||
        !take_text(arguments[0], "the name", "w", name))
        return nullptr;
    if (const auto key = find_key(name)) {
        const Inputs inputs = session()->link.inputs();
        return PyBool_FromLong(inputs.keyboard_connected && ((inputs.keyboard_keys >> *key) & 1U) != 0);
    }
    return raise(name_error(), keyboard_problem(name));
}

PyObject* gamepad_available(PyObject*, PyObject*) {
    return PyBool_FromLong(session()->link.inputs().gamepad_connected ? 1 : 0);
}

PyObject* keyboard_available(PyObject*, PyObject*) {
    return PyBool_FromLong(session()->link.inputs().keyboard_connected ? 1 : 0);
}

}  // namespace

PyMethodDef* input_functions() noexcept {
    static std::array<PyMethodDef, 5> functions{
        {method<gamepad_get_value>(
             "gamepad_get_value",
             "gamepad_get_value(name)\n--\n\n"
             "Whether a button is pressed (True or False), or where a stick stands (-1.0 to 1.0; up is "
             "negative)."),
         method<keyboard_get_value>(
             "keyboard_get_value",
             "keyboard_get_value(name)\n--\n\nWhether a key is pressed: True or False."),
         {"gamepad_available", gamepad_available, METH_NOARGS, nullptr},
         {"keyboard_available", keyboard_available, METH_NOARGS, nullptr},
         {nullptr, nullptr, 0, nullptr}}};
    return functions.data();
}

}  // namespace runtime::student
