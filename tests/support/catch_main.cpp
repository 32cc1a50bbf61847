#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include "failure.hpp"

namespace {

const bool reports_failures = [] {
    runtime::test::failure_report() = [](const std::string& text) { FAIL_CHECK(text); };
    return true;
}();

}  // namespace
