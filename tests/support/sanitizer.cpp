#include "tests/support/sanitizer.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "tests/support/process.hpp"

namespace runtime::test {
namespace {

/// By the function that a program has to call first.
Sanitizer sanitizer_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    if (content.empty())
        throw std::runtime_error("cannot read " + path);
    if (content.find("__asan_init") != std::string::npos)
        return Sanitizer::address;
    return content.find("__tsan_init") != std::string::npos ? Sanitizer::thread : Sanitizer::none;
}

}  // namespace

Sanitizer sanitizer() {
    static const Sanitizer found = sanitizer_of(program("dev_handler"));
    return found;
}

}  // namespace runtime::test
