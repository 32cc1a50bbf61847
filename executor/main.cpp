#include <filesystem>
#include <iostream>
#include <utility>

#include "executor/supervisor.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/options.hpp"
#include "shm_wrapper/process/service.hpp"

namespace po = boost::program_options;

namespace {

constexpr const char* default_student_code = "/var/lib/runtime/student_code.py";

/// That of the same build, or that of the package.
std::string default_student_process() {
    const auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "student_process";
    return std::filesystem::exists(beside) ? beside.string() : "/usr/libexec/robot-runtime/student_process";
}

int run(int argc, char** argv) {
    runtime::executor::SupervisorOptions settings;
    int grace_ms = 0;
    runtime::ProgramOptions options("executor", "runs the student's program in the modes of a match");
    options.add()("student-code",
                  po::value(&settings.student_code)->default_value(default_student_code)->value_name("FILE"),
                  "the student's program (Python)")(
        "student-process", po::value(&settings.student_process)->value_name("FILE"),
        "the program that runs it (default: student_process beside this program, or that of the package)")(
        "grace-period", po::value(&grace_ms)->default_value(200)->value_name("MS"),
        "how long a program may take to end with its mode before it is killed")(
        "scratch", po::value(&settings.scratch)->default_value("/tmp")->value_name("DIRECTORY"),
        "where runtime-scratch (or runtime-NAME-scratch, of an instance) is made: the directory that student "
        "code may write files into, emptied at start and end");
    if (const auto status = options.parse(argc, argv))
        return *status;
    if (grace_ms < 1 || grace_ms > 60'000) {
        std::cerr << "executor: --grace-period " << grace_ms << " is not between 1 and 60000\n";
        return 2;
    }
    if (settings.student_process.empty())
        settings.student_process = default_student_process();
    settings.grace = grace_ms * runtime::millisecond;
    settings.instance = options.common().instance;
    runtime::BlockWatch blocks(settings.instance);
    runtime::start_logging(options);
    settings.scratch = std::filesystem::absolute(settings.scratch).string();
    settings.student_code = std::filesystem::absolute(settings.student_code).string();
    return runtime::executor::Supervisor(settings, std::move(blocks)).run();
}

}  // namespace

int main(int argc, char** argv) {
    return runtime::run_program("executor", run, argc, argv);
}
