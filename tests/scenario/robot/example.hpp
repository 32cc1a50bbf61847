#pragma once
#include <fstream>
#include <sstream>
#include <string>

namespace runtime::test {

/// The text of a program of executor/examples.
inline std::string example(const std::string& name) {
    std::ifstream file(SOURCE_DIRECTORY "/executor/examples/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace runtime::test
