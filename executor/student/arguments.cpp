#include "executor/student/arguments.hpp"

#include <algorithm>
#include <string>

namespace runtime::student {

bool detail::take_arguments(const char* function, std::span<const char* const> names, PyObject* const* given,
                            Py_ssize_t count, PyObject* keywords, std::span<PyObject*> arguments) {
    const auto call = [&] {
        std::string text = std::string(function) + "(";
        for (std::size_t i = 0; i < names.size(); ++i)
            text += (i == 0 ? "" : ", ") + std::string(names[i]);
        return text + ")";
    };
    const auto positional = static_cast<std::size_t>(count);
    if (positional > names.size()) {
        PyErr_Format(PyExc_TypeError, "too many values: write %s", call().c_str());
        return false;
    }
    std::fill(arguments.begin(), arguments.end(), nullptr);
    std::copy(given, given + positional, arguments.begin());
    const Py_ssize_t named = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
    for (Py_ssize_t i = 0; i < named; ++i) {
        const char* name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(keywords, i));
        if (name == nullptr)
            return false;
        const auto found = std::find_if(names.begin(), names.end(),
                                        [&](const char* known) { return std::string_view(known) == name; });
        const auto index = static_cast<std::size_t>(found - names.begin());
        if (found == names.end() || arguments[index] != nullptr) {
            PyErr_Format(PyExc_TypeError, "unexpected \"%s\": write %s", name, call().c_str());
            return false;
        }
        arguments[index] = given[count + i];
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (arguments[i] == nullptr) {
            PyErr_Format(PyExc_TypeError, "%s is missing: write %s", names[i], call().c_str());
            return false;
        }
    }
    return true;
}

bool take_text(PyObject* object, const char* what, const char* example, std::string_view& text) {
    if (!PyUnicode_Check(object)) {
        PyErr_Format(PyExc_TypeError, "%s must be text in quotes, such as \"%s\", not %.100s %.100R", what,
                     example, Py_TYPE(object)->tp_name, object);
        return false;
    }
    Py_ssize_t length = 0;
    const char* bytes = PyUnicode_AsUTF8AndSize(object, &length);
    if (bytes == nullptr)
        return false;
    text = {bytes, static_cast<std::size_t>(length)};
    return true;
}

}  // namespace runtime::student
