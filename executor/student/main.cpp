#include <pybind11/embed.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <iostream>

#include "executor/messages.hpp"
#include "executor/student/interpreter.hpp"
#include "executor/student/python_sources.hpp"
#include "executor/student/sandbox.hpp"
#include "executor/student/session.hpp"
#include "shm_wrapper/process/options.hpp"
#include "shm_wrapper/process/service.hpp"

namespace po = boost::program_options;
namespace py = pybind11;

namespace runtime::student {
namespace {

/// Loads the Python part of the API. Its file names begin with "<runtime>": tracebacks hide such frames.
py::module_ load_python() {
    py::module_ last;
    const py::object compile = py::module_::import("builtins").attr("compile");
    const py::object modules = py::module_::import("sys").attr("modules");
    for (const auto& source : python_sources) {
        const std::string name(source.name);
        last = py::reinterpret_steal<py::module_>(PyModule_New(name.c_str()));
        modules[py::str(name)] = last;
        const py::object code =
            compile(py::str(source.text.data(), source.text.size()), "<runtime>/" + name + ".py", "exec");
        py::dict names = last.attr("__dict__");
        names["__builtins__"] = py::module_::import("builtins");
        const auto result =
            py::reinterpret_steal<py::object>(PyEval_EvalCode(code.ptr(), names.ptr(), names.ptr()));
        if (!result)
            throw py::error_already_set();
    }
    return last;
}

int run(int argc, char** argv) {
    std::string student_code;
    ProgramOptions options("student_process", "runs student code; started by executor only");
    std::string scratch;
    bool check = false;
    const int parent = getppid();
    options.add()("student-code", po::value(&student_code)->required()->value_name("FILE"),
                  "the path of the student's program")(
        "scratch", po::value(&scratch)->required()->value_name("DIRECTORY"),
        "where student code may write files")(
        "check", po::bool_switch(&check), "check the file that is open as descriptor 4, report, and exit");
    if (const auto status = options.parse(argc, argv))
        return *status;

    RobotLink link(options.common().instance);
    Channel channel(executor::channel_descriptor);
    start_interpreter();
    Session current{link, channel, MainLoop(link, channel)};
    use(current);
    const py::module_ runner = load_python();
    runner.attr("prepare")();
    enter_sandbox(scratch, parent);
    if (check) {
        py::module_::import("_runtime_checker").attr("check")(executor::commands_descriptor, student_code);
        return 0;
    }
    runner.attr("warm_up")();
    channel.report(executor::ReportKind::ready);
    const auto start = [&] {
        const py::gil_scoped_release released;
        return channel.wait_for_start();
    }();
    if (!start)
        return 0;
    try {
        link.begin_run(start->order, executor::commands_descriptor, executor::custom_data_descriptor);
    } catch (const BlockError& error) {
        channel.report(executor::ReportKind::failed);
        channel.report(executor::ReportKind::traceback, error.what());
        return 1;
    }
    close(executor::commands_descriptor);
    close(executor::custom_data_descriptor);
    runner.attr("run")(start->code, student_code,
                       start->order.mode == RunMode::autonomous ? "autonomous" : "teleop",
                       start->order.start_position == StartPosition::left ? "left" : "right");
    return 0;
}

}  // namespace
}  // namespace runtime::student

int main(int argc, char** argv) {
    // It was started from a descriptor, and would be called after that one's number.
    prctl(PR_SET_NAME, "student_process");
    const int status = runtime::run_program("student_process", runtime::student::run, argc, argv);
    std::cout.flush();
    // The interpreter is not taken down: threads of student code may still run, and nothing is left to save.
    _exit(status);
}
