#include <array>
#include <string>
#include <vector>

#include "executor/student/arguments.hpp"
#include "executor/student/closest_name.hpp"
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
    std::vector<std::string_view> names(button_names.begin(), button_names.end());
    names.insert(names.end(), axis_names.begin(), axis_names.end());
    std::string meant = hint(name, names);
    if (meant.empty())
        meant = find_key(name) ? " That is a key: write Keyboard.get_value(\"" + std::string(name) + "\")"
                               : " Buttons are called like \"button_a\", sticks like \"joystick_left_y\"";
    return raise(name_error(), "The gamepad has no \"" + std::string(name) + "\"." + meant);
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
    std::string meant = hint(name, key_names);
    if (meant.empty())
        meant = find_button(name) || find_axis(name)
                    ? " That is on the gamepad: write Gamepad.get_value(\"" + std::string(name) + "\")"
                    : " Keys are called \"a\" to \"z\", \"0\" to \"9\", \"left_arrow\" and so on";
    return raise(name_error(), "The keyboard has no \"" + std::string(name) + "\"." + meant);
}

PyObject* gamepad_available(PyObject*, PyObject*) {
    return PyBool_FromLong(session()->link.inputs().gamepad_connected ? 1 : 0);
}

PyObject* keyboard_available(PyObject*, PyObject*) {
    return PyBool_FromLong(session()->link.inputs().keyboard_connected ? 1 : 0);
}

template <class Function>
PyCFunction as_method(Function function) {
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

}  // namespace

PyMethodDef* input_functions() noexcept {
    constexpr int fast = METH_FASTCALL | METH_KEYWORDS;
    static std::array<PyMethodDef, 5> functions{
        {{"gamepad_get_value", as_method(gamepad_get_value), fast,
          "get_value(name)\n--\n\n"
          "Whether a button is pressed (True or False), or where a stick stands (-1.0 to 1.0; up is "
          "negative)."},
         {"keyboard_get_value", as_method(keyboard_get_value), fast,
          "get_value(name)\n--\n\nWhether a key is pressed: True or False."},
         {"gamepad_available", gamepad_available, METH_NOARGS, nullptr},
         {"keyboard_available", keyboard_available, METH_NOARGS, nullptr},
         {nullptr, nullptr, 0, nullptr}}};
    return functions.data();
}

}  // namespace runtime::student
