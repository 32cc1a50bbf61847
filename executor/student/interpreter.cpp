#include "executor/student/interpreter.hpp"

#include <stdexcept>
#include <string>

namespace runtime::student {
namespace {

/// The interpreter whose library this program is linked with; from it Python finds its modules below /usr.
constexpr const char* python_program = "/usr/bin/python3.11";

void check(const PyStatus& status) {
    if (PyStatus_Exception(status) != 0)
        throw std::runtime_error(std::string("Python cannot be started: ") +
                                 (status.err_msg != nullptr ? status.err_msg : "unknown reason"));
}

}  // namespace

void start_interpreter() {
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    check(Py_PreInitialize(&before));
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.write_bytecode = 0;
    config.install_signal_handlers = 0;
    config.faulthandler = 1;
    check(PyConfig_SetBytesString(&config, &config.program_name, python_program));
    check(PyConfig_SetBytesString(&config, &config.stdio_encoding, "utf-8"));
    check(PyConfig_SetBytesString(&config, &config.stdio_errors, "backslashreplace"));
    const PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    check(status);
}

}  // namespace runtime::student
