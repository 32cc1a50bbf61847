#pragma once
#include <Python.h>

#include <optional>
#include <string>

#include "shm_wrapper/layout.hpp"

namespace runtime::student {

/// A Python object of the kind's type. A new reference; null with an exception set if memory is short.
PyObject* to_python(ParameterKind kind, Value value) noexcept;

/// Why a value does not suit a parameter.
struct ValueError {
    PyObject* exception;  ///< borrowed: TypeError for a value of another kind; null: DeviceError
    std::string text;
};

/// What `object` means for a parameter: an INT takes whole numbers of 32 bits, a FLOAT any number, a BOOL
/// True, False, 0 and 1; numbers of numeric libraries count as numbers. No Python exception is left set.
struct Converted {
    Value value{};
    std::optional<ValueError> error;
};
Converted from_python(PyObject* object, ParameterKind kind, const std::string& parameter);

/// The kind that a logged value has; nothing if it is no number.
std::optional<ParameterKind> kind_of(PyObject* object) noexcept;

}  // namespace runtime::student
