// What 32 devices cost. Nothing here is compared with the time that passes for the test: what dev_handler may
// do follows from the frames that were sent and from its own heartbeats, and a slow machine lets it do less.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>

#include "tests/scenario/dev_handler/device_crowd.hpp"
#include "tests/scenario/dev_handler/patient_device.hpp"
#include "tests/scenario/dev_handler/upper_daemons.hpp"
#include "tests/support/measure.hpp"
#include "tests/support/system_calls.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

constexpr Nanoseconds ping_period = 250 * millisecond;

/// dev_handler with 32 devices that are connected.
struct FullHouse {
    Robot robot{patient_description};
    UpperDaemons upper{robot.instance()};
    Process daemon = robot.start("dev_handler", {"--ports", robot.directory() + "/ttyACM*"});
    DeviceCrowd crowd;

    explicit FullHouse(int hertz)
        : crowd(robot.directory(), upper.type(patient_type), 1, max_devices, hertz) {
        for (std::uint64_t uid = 1; uid <= max_devices; ++uid)
            upper.slot_of(patient_type, uid);
        // The threads that have opened the ports end.
        REQUIRE(wait_until([&] { return threads() <= most_threads; }));
    }

    static constexpr std::ptrdiff_t most_threads = 3;
    std::set<std::string> thread_ids() const {
        std::set<std::string> ids;
        for (const auto& thread :
             std::filesystem::directory_iterator("/proc/" + std::to_string(daemon.pid()) + "/task"))
            ids.insert(thread.path().filename());
        return ids;
    }
    std::ptrdiff_t threads() const { return std::ssize(thread_ids()); }
    Nanoseconds heartbeat() const { return upper.devices().header.heartbeat; }
};

/// What dev_handler had reason to do since the object was made: frames that came, heartbeats, PINGs. What it
/// did is counted between the two looks at that, so that none of it is without its reason, however long the
/// test has to wait for a processor.
class Reasons {
  public:
    explicit Reasons(const FullHouse& house)
        : house_(house), frames_(house.crowd.frames_sent()), heartbeat_(house.heartbeat()) {}
    std::uint64_t frames() const { return house_.crowd.frames_sent() - frames_; }
    double heartbeats() const { return periods(heartbeat_period); }
    double all() const {
        return static_cast<double>(frames()) + heartbeats() + periods(ping_period) * max_devices;
    }

  private:
    /// How often something periodic was due by its last heartbeat, and until the next.
    double periods(Nanoseconds period) const {
        return static_cast<double>(house_.heartbeat() - heartbeat_ + heartbeat_period) /
               static_cast<double>(period);
    }

    const FullHouse& house_;
    std::uint64_t frames_;
    Nanoseconds heartbeat_;
};

}  // namespace

TEST_CASE(
    "32 idle devices wake dev_handler, in three threads at the most, only for frames, PINGs, heartbeats") {
    const FullHouse house(2);
    const Reasons reasons(house);
    const double before = bench::Usage::of(house.daemon.pid()).wake_ups;
    REQUIRE(wait_until([&] { return reasons.heartbeats() >= 100; }));
    const double wake_ups = bench::Usage::of(house.daemon.pid()).wake_ups - before;
    CAPTURE(reasons.heartbeats(), reasons.frames(), reasons.all());
    CHECK(wake_ups > 0);
    CHECK(wake_ups <= reasons.all());
    CHECK(wait_until([&] { return house.threads() <= FullHouse::most_threads; }));
}

TEST_CASE("A frame of 32 busy devices costs no thread") {
    const FullHouse house(1000);
    const Reasons reasons(house);
    const auto before = house.thread_ids();
    std::set<std::string> seen;
    REQUIRE(wait_until([&] {
        seen.merge(house.thread_ids());
        return reasons.frames() >= 20'000;
    }));
    CHECK(std::includes(before.begin(), before.end(), seen.begin(), seen.end()));
}

TEST_CASE("A frame of 32 busy devices costs five system calls at the most") {
    const FullHouse house(1000);
    const Reasons reasons(house);
    const SystemCalls system_calls(house.daemon.pid());
    REQUIRE(wait_until([&] { return reasons.frames() >= 20'000; }));
    const auto count = system_calls.count();
    if (!count) {
        WARN("skipped: this machine counts no system calls for this user; that needs root and a tracefs");
        return;
    }
    CAPTURE(*count, reasons.frames(), reasons.all());
    CHECK(static_cast<double>(*count) <= 5 * reasons.all());
}
