#pragma once
#include <Python.h>

#include <algorithm>
#include <array>
#include <new>
#include <span>
#include <string_view>

namespace runtime::student {

/// The arguments of one call (METH_FASTCALL | METH_KEYWORDS), by position or by name.
template <std::size_t N>
bool take_arguments(const char* function, const std::array<const char*, N>& names, PyObject* const* given,
                    Py_ssize_t count, PyObject* keywords, std::array<PyObject*, N>& arguments);

namespace detail {
bool take_arguments(const char* function, std::span<const char* const> names, PyObject* const* given,
                    Py_ssize_t count, PyObject* keywords, std::span<PyObject*> arguments);
}

template <std::size_t N>
bool take_arguments(const char* function, const std::array<const char*, N>& names, PyObject* const* given,
                    Py_ssize_t count, PyObject* keywords, std::array<PyObject*, N>& arguments) {
    if (count == static_cast<Py_ssize_t>(N) && keywords == nullptr) {
        std::copy(given, given + N, arguments.begin());
        return true;
    }
    return detail::take_arguments(function, names, given, count, keywords, arguments);
}

/// A function of the API as Python calls it: with arguments by position or by name.
using Function = PyObject* (*)(PyObject* self, PyObject* const* given, Py_ssize_t count, PyObject* keywords);

/// The entry of a function in a list of methods. Without memory it raises MemoryError.
template <Function function>
PyMethodDef method(const char* name, const char* text) {
    constexpr Function guarded = [](PyObject* self, PyObject* const* given, Py_ssize_t count,
                                    PyObject* keywords) -> PyObject* {
        try {
            return function(self, given, count, keywords);
        } catch (const std::bad_alloc&) {
            return PyErr_NoMemory();
        }
    };
    return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(guarded)),
            METH_FASTCALL | METH_KEYWORDS, text};
}

/// The text of a str, valid as long as the object; false with TypeError set if it is none. `what`: "the
/// device id", for the message; `example`: how it is written.
bool take_text(PyObject* object, const char* what, const char* example, std::string_view& text);

}  // namespace runtime::student
