#include "tests/support/whole_robot.hpp"

#include <fstream>
#include <stdexcept>

namespace runtime::test {
namespace {

Process started(const Robot& robot, const std::string& name, const std::vector<std::string>& arguments) {
    Process process = robot.start(name, arguments);
    if (!process.wait_for_output("ready"))
        throw std::runtime_error(name + " does not become ready: " + process.output());
    return process;
}

}  // namespace

WholeRobot::WholeRobot(const Robot& robot, const std::string& ports, const std::string& student_code)
    : student_code_file_(robot.directory() + "/student_code.py") {
    write_student_code(student_code);
    dev_handler_ = started(robot, "dev_handler", {"--ports", ports});
    executor_ = started(robot, "executor", {"--student-code", student_code_file_});
    net_handler_ = robot.start("net_handler", {"--port", "0"});
    port_ = port_of(*net_handler_);
}

WholeRobot::~WholeRobot() {
    end_well({&*net_handler_, &*executor_, &*dev_handler_});
}

void WholeRobot::write_student_code(const std::string& text) const {
    std::ofstream file(student_code_file_);
    file << text;
    if (!file.flush())
        throw std::runtime_error("cannot write " + student_code_file_);
}

}  // namespace runtime::test
