/// What survives what: rows of the table in systemd/README.md.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "tests/scenario/survival/watched_robot.hpp"
#include "tests/support/own_namespaces.hpp"
#include "tests/support/process_table.hpp"

using namespace runtime;
using namespace runtime::test;
using Catch::Contains;

namespace {

/// A robot without a driver station, and whatever a test needs to find out how it is.
struct Survivor {
    const Robot robot;
    std::string student_code = robot.directory() + "/student_code.py";
    /// Where VirtualDevices, made later, puts its first port.
    std::string ports = robot.directory() + "/*/ttyVIRTUAL*";

    Survivor() { std::ofstream(student_code) << counting_code; }
    Services start() const { return {robot, ports, student_code, robot.directory()}; }
    Result blocks(const std::string& program) const {
        std::vector<std::string> command{program, "--instance", robot.instance()};
        if (program == "shm_start")
            command.insert(command.end(), {"--device-types", robot.device_types()});
        return run(command);
    }
};

/// Starts TELEOP, and waits until the motor turns.
DriverStation drive(Services& services, VirtualDevices& devices) {
    DriverStation dawn(services.port());
    dawn.keep_receiving();
    dawn.keep_sending(gamepad(0));
    dawn.set_mode(::RunMode::TELEOP);
    REQUIRE(devices.await(0, "velocity_a == " + std::to_string(counting_velocity)) != 0);
    return dawn;
}

std::ptrdiff_t lines_with(const std::string& text, const std::string& part) {
    std::ptrdiff_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at)
        ++count;
    return count;
}

}  // namespace

TEST_CASE(
    "blocks that are removed or made anew under running daemons: they end with status 1, and start anew") {
    const Survivor survivor;
    VirtualDevices devices(survivor.robot, {"KoalaBear:77"});
    Services services = survivor.start();
    {
        const DriverStation dawn = drive(services, devices);
        // The device would stop by itself.
        devices.command("no-watchdog 0");
        SECTION("removed") {
            REQUIRE(survivor.blocks("shm_stop").status == 0);
        }
        SECTION("removed and made anew") {
            REQUIRE(survivor.blocks("shm_stop").status == 0);
            REQUIRE(survivor.blocks("shm_start").status == 0);
        }
        SECTION("one of them") {
            unlink_block(block_name(survivor.robot.instance(), CommandsBlock::name));
        }
        for (const Daemon daemon : all_daemons) {
            const auto status = services[daemon].wait();
            const std::string& output = services[daemon].output();
            CAPTURE(name_of(daemon), output);
            CHECK(status == 1);
            CHECK(lines_with(output, ": this program ends") == 1);
        }
        REQUIRE(devices.await(0, "velocity_a == 0") != 0);
        devices.command("no-watchdog 0 off");
    }
    CHECK(processes_of(survivor.robot.instance()).empty());
    services.start_what_ended();
    services.await_ready();
    const DriverStation dawn = drive(services, devices);
}

TEST_CASE("a robot without devices runs student code, and drives one that comes") {
    const Survivor survivor;
    Services services = survivor.start();
    DriverStation dawn(services.port());
    dawn.keep_receiving();
    dawn.keep_sending(gamepad(0));
    dawn.set_mode(::RunMode::TELEOP);
    REQUIRE(dawn.wait_for_log("count "));
    VirtualDevices devices(survivor.robot, {"KoalaBear:77"});
    REQUIRE(devices.await(0, "velocity_a == " + std::to_string(counting_velocity)) != 0);
}

TEST_CASE("a robot without any network starts and is there for the first client") {
    if (!inside_namespaces())
        return;
    set_loopback(false);
    const Survivor survivor;
    VirtualDevices devices(survivor.robot, {"KoalaBear:77"});
    Services services = survivor.start();
    for (const Daemon daemon : all_daemons)
        REQUIRE(services[daemon].running());
    set_loopback(true);
    const DriverStation dawn = drive(services, devices);
}

TEST_CASE("a full /dev/shm is one line and disturbs nobody who has blocks already") {
    if (!inside_namespaces())
        return;
    mount_memory("/dev/shm", 256UL * 1024);
    const std::string types = SOURCE_DIRECTORY "/shm_wrapper/device_types.textproto";
    const std::vector<std::string> start{"shm_start", "--instance", "full", "--device-types", types};
    const auto failed = run(start);
    CAPTURE(failed.output);
    CHECK(failed.status == 1);
    CHECK(std::count(failed.output.begin(), failed.output.end(), '\n') == 1);
    CHECK_THAT(failed.output, Contains("no memory for it in /dev/shm"));
    mount_memory("/dev/shm", 64UL * 1024 * 1024);
    const Survivor survivor;
    VirtualDevices devices(survivor.robot, {"KoalaBear:77"});
    Services services = survivor.start();
    const DriverStation dawn = drive(services, devices);
    std::ofstream filler("/dev/shm/filler");
    const std::string piece(1024UL * 1024, 'x');
    while (filler.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush())
        ;
    services.kill(Daemon::executor);
    REQUIRE(devices.await(0, "velocity_a == 0") != 0);
    services.start_what_ended();
    services.await_ready();
    REQUIRE(devices.await(0, "velocity_a == " + std::to_string(counting_velocity)) != 0);
}

TEST_CASE("whoever keeps /dev/shm locked delays shm_start for a while only") {
    if (!inside_namespaces())
        return;
    mount_memory("/dev/shm", 64UL * 1024 * 1024);
    const int holder = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(flock(holder, LOCK_EX) == 0);
    const std::string types = SOURCE_DIRECTORY "/shm_wrapper/device_types.textproto";
    const auto started = run({"shm_start", "--instance", "locked", "--device-types", types});
    CAPTURE(started.output);
    CHECK(started.status == 0);
    CHECK_THAT(started.output, Contains("somebody keeps /dev/shm locked"));
    CHECK(count_blocks("locked") == 8 + logging_processes.size());
    close(holder);
}

TEST_CASE("with a read-only root and /tmp and working directory the robot drives") {
    if (!inside_namespaces())
        return;
    // For what the test itself writes: ports and student code.
    mount_memory("/mnt", 16UL * 1024 * 1024);
    setenv("TMPDIR", "/mnt", 1);
    make_root_read_only("/mnt");
    WatchedRobot robot("/tmp");
    robot.drive(::RunMode::AUTO);
    robot.check_at_rest();
    CHECK_THAT(robot.services()[Daemon::executor].output(), Contains("student code can write no files"));
}

TEST_CASE("with a full disk the robot drives and student code that writes is told so") {
    if (!inside_namespaces())
        return;
    mount_memory("/mnt", 4UL * 1024 * 1024);
    setenv("TMPDIR", "/mnt", 1);
    const Survivor survivor;
    std::ofstream(survivor.student_code) << counting_code << R"(
def autonomous():
    try:
        with open("notes.txt", "w") as notes:
            notes.write("x" * 100000)
    except OSError as problem:
        print("no note:", problem)
    while True:
        count()
)";
    std::ofstream filler("/mnt/filler");
    const std::string piece(4096, 'x');
    while (filler.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush())
        ;
    VirtualDevices devices(survivor.robot, {"KoalaBear:77"});
    Services services = survivor.start();
    DriverStation dawn(services.port());
    dawn.keep_receiving();
    dawn.set_mode(::RunMode::AUTO);
    REQUIRE(dawn.wait_for_log("no note: [Errno 28]"));
    REQUIRE(devices.await(0, "velocity_a == " + std::to_string(counting_velocity)) != 0);
}

// The machine's clock is not a test's to set. But what never looks at it cannot be disturbed by a jump of it.
TEST_CASE("the wall clock is read only for what people read") {
    const std::set<std::string> allowed{"net_handler/clocks.hpp", "shm_wrapper/log_ring.cpp",
                                        "shm_wrapper/runtime/collector.cpp", "shm_wrapper/runtime/text.cpp"};
    bool found = false;
    const std::filesystem::path tree(SOURCE_DIRECTORY);
    for (const char* folder : {"shm_wrapper", "dev_handler", "executor", "net_handler"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(tree / folder)) {
            const auto extension = entry.path().extension();
            if (extension != ".cpp" && extension != ".hpp")
                continue;
            std::ifstream file(entry.path());
            const std::string text(std::istreambuf_iterator<char>(file), {});
            static const std::regex clocks(
                R"(\b(system_clock|CLOCK_REALTIME|gettimeofday|system_timer|time\(nullptr\)|time\(NULL\)|localtime|last_write_time))");
            if (std::smatch clock; std::regex_search(text, clock, clocks)) {
                found = true;
                INFO(entry.path().string() << " reads " << clock.str());
                CHECK(allowed.count(relative(entry.path(), tree)) == 1);
            }
        }
    CHECK(found);
}
