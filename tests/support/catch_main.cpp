/// The main() of every test program. Exit status: 0, 1 if anything failed or no test has the name that was
/// asked for (CMake takes a name with a semicolon for two), or 77 if nothing did but a case
/// said that it cannot run on this machine, which CTest then counts as skipped.
#define CATCH_CONFIG_RUNNER
#include <sys/prctl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string_view>

#include "failure.hpp"

namespace {

const bool reports_failures = [] {
    runtime::test::failure_report() = [](const std::string& text) { FAIL_CHECK(text); };
    return true;
}();

constexpr int exit_skipped = 77;
bool skipped = false;

class SkipListener : public Catch::TestEventListenerBase {
  public:
    using TestEventListenerBase::TestEventListenerBase;

    bool assertionEnded(const Catch::AssertionStats& stats) override {
        const auto& result = stats.assertionResult;
        if (result.getResultType() == Catch::ResultWas::Warning &&
            std::string_view(result.getMessage()).starts_with("skipped: this machine"))
            skipped = true;
        return TestEventListenerBase::assertionEnded(stats);
    }
};
CATCH_REGISTER_LISTENER(SkipListener)

}  // namespace

int main(int argc, char** argv) {
    // Linux gives each session its share of the processors (autogroup). Without one of its own, student code,
    // which yields to the daemons, would yield to all tests that run beside this one, and stand still for a
    // minute.
    // Then Ctrl-C does not reach it, so that it ends with CTest; but not with the shell of somebody who
    // started it.
    if (setsid() != -1)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    Catch::Session session;
    if (session.applyCommandLine(argc, argv) != 0)
        return 1;
    auto& warnings = session.configData().warnings;
    warnings = static_cast<Catch::WarnAbout::What>(warnings | Catch::WarnAbout::NoTests);
    if (session.run() != 0)
        return 1;
    return skipped ? exit_skipped : 0;
}
