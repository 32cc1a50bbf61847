#include "executor/student/values.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "executor/student/session.hpp"

namespace runtime::student {
namespace {

/// Whether it is numpy's boolean, which is neither a bool nor an integer.
bool is_numpy_bool(PyObject* object) noexcept {
    const char* name = Py_TYPE(object)->tp_name;
    return std::strcmp(name, "numpy.bool_") == 0 || std::strcmp(name, "numpy.bool") == 0;
}

bool is_truth(PyObject* object) noexcept {
    return PyBool_Check(object) || is_numpy_bool(object);
}

/// A whole number (int, numpy.int64, …), but no truth value.
bool is_whole(PyObject* object) noexcept {
    return !is_truth(object) && PyIndex_Check(object) != 0;
}

/// Any number: also float, numpy.float32, fractions and decimals.
bool is_number(PyObject* object) noexcept {
    const auto* methods = Py_TYPE(object)->tp_as_number;
    return !is_truth(object) && (is_whole(object) || (methods != nullptr && methods->nb_float != nullptr));
}

void forget_if_any() noexcept {
    if (PyErr_Occurred() != nullptr)
        forget_exception();
}

/// What the value looks like in a message: its type, and the value itself where that is short.
std::string shown(PyObject* object) {
    std::string text = Py_TYPE(object)->tp_name;
    if (object == Py_None)
        return "None";
    PyObject* repr = PyObject_Repr(object);
    Py_ssize_t length = 0;
    const char* bytes = repr != nullptr ? PyUnicode_AsUTF8AndSize(repr, &length) : nullptr;
    if (bytes != nullptr && length <= 40)
        text += " " + std::string(bytes, static_cast<std::size_t>(length));
    forget_if_any();
    Py_XDECREF(repr);
    return text;
}

/// The remedy for what looks like a number and is none, such as an array of several.
constexpr const char* of_several = "if it holds several numbers, write which: value[0]";

Converted wrong_kind(PyObject* object, const std::string& parameter, const std::string& wanted,
                     const std::string& remedy) {
    Converted result;
    result.error = ValueError{PyExc_TypeError, parameter + " takes " + wanted + ", not " + shown(object) +
                                                   (remedy.empty() ? "" : ": " + remedy)};
    return result;
}

Converted out_of_range(PyObject* object, const std::string& parameter, const std::string& why) {
    Converted result;
    result.error = ValueError{nullptr, parameter + " cannot be set to " + shown(object) + ": " + why};
    return result;
}

Converted to_integer(PyObject* object, const std::string& parameter) {
    if (is_truth(object))
        return Converted{Value::of(PyObject_IsTrue(object)), {}};
    if (!is_whole(object)) {
        std::string remedy;
        if (is_number(object))
            remedy = "write int(value) or round(value)";
        else if (PyUnicode_Check(object))
            remedy = "write the number without quotes";
        return wrong_kind(object, parameter, "a whole number (int)", remedy);
    }
    PyObject* number = PyNumber_Index(object);
    if (number == nullptr) {
        forget_exception();
        return wrong_kind(object, parameter, "a whole number (int)", of_several);
    }
    int overflow = 0;
    const long value = PyLong_AsLongAndOverflow(number, &overflow);
    Py_DECREF(number);
    if (overflow != 0 || value < std::numeric_limits<std::int32_t>::min() ||
        value > std::numeric_limits<std::int32_t>::max())
        return out_of_range(object, parameter, "it takes -2147483648 to 2147483647");
    Converted result;
    result.value = Value::of(static_cast<std::int32_t>(value));
    return result;
}

Converted to_floating(PyObject* object, const std::string& parameter) {
    if (is_truth(object))
        return Converted{Value::of(static_cast<float>(PyObject_IsTrue(object))), {}};
    if (!is_number(object))
        return wrong_kind(object, parameter, "a number (float)",
                          PyUnicode_Check(object) ? "write the number without quotes" : "");
    const double value = PyFloat_AsDouble(object);
    const bool failed = PyErr_Occurred() != nullptr;
    const bool overflow = failed && PyErr_ExceptionMatches(PyExc_OverflowError) != 0;
    forget_if_any();
    if (failed && !overflow)
        return wrong_kind(object, parameter, "a number (float)", of_several);
    if (overflow || !std::isfinite(value) ||
        std::abs(value) > static_cast<double>(std::numeric_limits<float>::max()))
        return out_of_range(object, parameter,
                            "only finite numbers can be sent to a device; look at the calculation before it");
    Converted result;
    result.value = Value::of(static_cast<float>(value));
    return result;
}

Converted to_boolean(PyObject* object, const std::string& parameter) {
    Converted result;
    if (is_truth(object)) {
        result.value = Value::of(PyObject_IsTrue(object) == 1);
        return result;
    }
    if (is_whole(object)) {
        const Py_ssize_t value = PyNumber_AsSsize_t(object, nullptr);
        forget_if_any();
        if (value == 0 || value == 1) {
            result.value = Value::of(value == 1);
            return result;
        }
    }
    return wrong_kind(object, parameter, "True or False", {});
}

}  // namespace

PyObject* to_python(ParameterKind kind, Value value) noexcept {
    switch (kind) {
        case ParameterKind::integer:
            return PyLong_FromLong(value.integer());
        case ParameterKind::floating:
            return PyFloat_FromDouble(static_cast<double>(value.floating()));
        case ParameterKind::boolean:
            break;
    }
    return PyBool_FromLong(value.boolean() ? 1 : 0);
}

Converted from_python(PyObject* object, ParameterKind kind, const std::string& parameter) {
    switch (kind) {
        case ParameterKind::integer:
            return to_integer(object, parameter);
        case ParameterKind::floating:
            return to_floating(object, parameter);
        case ParameterKind::boolean:
            break;
    }
    return to_boolean(object, parameter);
}

std::optional<ParameterKind> kind_of(PyObject* object) noexcept {
    if (is_truth(object))
        return ParameterKind::boolean;
    if (is_whole(object))
        return ParameterKind::integer;
    if (is_number(object))
        return ParameterKind::floating;
    return std::nullopt;
}

}  // namespace runtime::student
