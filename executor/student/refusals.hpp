#pragma once

namespace runtime::student {

/// What an error that says that the robot does not allow something ends with, in brackets.
extern const char* const not_allowed;

/// From now on the text of a PermissionError that the system raised (it has an error number) ends with
/// not_allowed, whoever shows it: a traceback, or a program that catches the error and prints it. Call it
/// with the interpreter running, before classes are derived from PermissionError.
void explain_refusals() noexcept;

}  // namespace runtime::student
