#include "executor/student_code_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace runtime::executor {

std::variant<Descriptor, std::string> open_student_code(const std::string& path) {
    Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file) {
        if (errno == ENOENT)
            return "There is no student program yet: upload one (it belongs at " + path + ")";
        if (errno == EACCES)
            return "The robot may not read the student program " + path + ": allow it with chmod a+r";
        return "The student program " + path + " cannot be read: " + std::generic_category().message(errno);
    }
    struct stat status {};
    if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return "The student program " + path + " is " +
               (S_ISDIR(status.st_mode) ? "a directory" : "not a regular file") +
               ": upload the program itself under that name";
    if (status.st_size == 0)
        return "The student program " + path + " is empty: upload one";
    if (status.st_size > max_student_code)
        return "The student program " + path + " has " + std::to_string(status.st_size) +
               " bytes; more than " + std::to_string(max_student_code) +
               " are not taken: is it the right file?";
    return file;
}

}  // namespace runtime::executor
