#include "tests/support/certificates.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "tests/support/process.hpp"

namespace runtime::test {

Certificates::Certificates()
    : directory_((std::filesystem::temp_directory_path() / "certificates-XXXXXX").string()) {
    if (mkdtemp(directory_.data()) == nullptr)
        throw std::runtime_error("cannot make " + directory_);
    const auto result = run({program("make-certificates"), directory_});
    if (result.status != 0)
        throw std::runtime_error(result.output);
}

Certificates::~Certificates() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

}  // namespace runtime::test
