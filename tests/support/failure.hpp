#pragma once
#include <functional>
#include <string>

namespace runtime::test {

/// What makes the running test fail and lets it go on, for support code that cannot throw where it finds a
/// fault, as in a destructor. Set by the main program of tests; empty in a benchmark, which has none.
inline std::function<void(const std::string&)>& failure_report() {
    static std::function<void(const std::string&)> report;
    return report;
}

}  // namespace runtime::test
