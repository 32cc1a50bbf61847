#include "executor/student/refusals.hpp"

#include <Python.h>

namespace runtime::student {

const char* const not_allowed =
    " (not allowed on the robot: student code may not use the network, start programs, touch other "
    "programs, or write files outside its own directory)";

namespace {

reprfunc text_of_os_error = nullptr;

PyObject* text_of(PyObject* error) {
    PyObject* text = text_of_os_error(error);
    const PyObject* number = reinterpret_cast<PyOSErrorObject*>(error)->myerrno;
    if (text == nullptr || number == nullptr || number == Py_None)
        return text;
    PyObject* whole = PyUnicode_FromFormat("%U%s", text, not_allowed);
    Py_DECREF(text);
    return whole;
}

}  // namespace

// The system raises the error in hundreds of functions; its text is the one place that they share.
void explain_refusals() noexcept {
    auto* type = reinterpret_cast<PyTypeObject*>(PyExc_PermissionError);
    text_of_os_error = type->tp_str;
    type->tp_str = text_of;
    PyType_Modified(type);
}

}  // namespace runtime::student
