#pragma once
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/mount_namespace.hpp"
#include "tests/support/network_namespace.hpp"

namespace runtime::test {

/// Runs the present test again in namespaces of its own (run_in_mount_namespace), with its loopback interface
/// up; true: this is that run. False: it was checked, or the machine does not allow it, which is said. The
/// test's name must have no comma: for Catch2 that separates names.
inline bool inside_namespaces() {
    if (in_mount_namespace()) {
        set_loopback(true);
        return true;
    }
    std::string reason;
    const auto result = run_in_mount_namespace({Catch::getResultCapture().getCurrentTestName()}, reason);
    if (!result) {
        WARN("skipped: this machine allows no namespaces: " << reason);
        return false;
    }
    INFO(result->output);
    CHECK(result->status == 0);
    CHECK_THAT(result->output, Catch::Contains("All tests passed"));
    return false;
}

}  // namespace runtime::test
