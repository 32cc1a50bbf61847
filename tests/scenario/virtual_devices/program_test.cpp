#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/scenario/virtual_devices/host.hpp"
#include "tests/support/virtual_devices.hpp"
#include "tests/virtual_devices/port.hpp"

namespace runtime::test {
namespace {

namespace fs = std::filesystem;

const std::string device_types = SOURCE_DIRECTORY "/shm_wrapper/device_types.textproto";

std::vector<std::string> command_line(const std::string& directory, std::vector<std::string> more) {
    std::vector<std::string> command{"virtual_devices", "--directory", directory, "--device-types",
                                     device_types};
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

}  // namespace

TEST_CASE("the links, and only ours, are gone after SIGTERM, SIGINT and SIGHUP") {
    const Robot robot;
    const std::string directory = robot.directory() + "/ports";
    const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP);
    const bool shared = GENERATE(false, true);
    if (shared) {
        fs::create_directory(directory);
        std::ofstream(directory + "/note") << "mine";
    }
    Process process(command_line(directory, {"--device", "KoalaBear", "--device", "PDB"}));
    REQUIRE(process.wait_for_output("ready"));
    CHECK(fs::is_symlink(directory + "/ttyVIRTUAL1"));
    process.signal(signal);
    CHECK(process.wait().value_or(-1) == 0);
    CHECK(fs::exists(directory) == shared);
    if (shared)
        CHECK(std::distance(fs::directory_iterator(directory), {}) == 1);
}

TEST_CASE("a device can be put on a port that exists already, and leaves it as it was") {
    const Robot robot;
    const virtual_devices::Descriptor host(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(grantpt(host.get()) == 0);
    REQUIRE(unlockpt(host.get()) == 0);
    std::array<char, 64> name{};
    REQUIRE(ptsname_r(host.get(), name.data(), name.size()) == 0);
    const std::string directory = robot.directory() + "/ports";
    Process process(
        command_line(directory, {"--device", "KoalaBear", "--device", "PDB", "--attach", name.data()}));
    REQUIRE(process.wait_for_output("ready"));
    CHECK_FALSE(fs::exists(directory + "/ttyVIRTUAL0"));
    CHECK(fs::exists(directory + "/ttyVIRTUAL1"));
    const auto ping = virtual_devices::make_frame(virtual_devices::MessageId::ping, {});
    REQUIRE(write(host.get(), ping.view().data(), ping.view().size()) > 0);
    pollfd wait{host.get(), POLLIN, 0};
    REQUIRE(poll(&wait, 1, 60'000) == 1);
    std::array<std::uint8_t, 2> answer{};
    REQUIRE(read(host.get(), answer.data(), answer.size()) == 2);
    // A delimiter, and the length of an ACKNOWLEDGEMENT.
    CHECK(answer == std::array<std::uint8_t, 2>{0, 14});
    CHECK(process.stop() == 0);
    CHECK(fs::exists(name.data()));
}

TEST_CASE("links that a killed run has left are replaced or removed") {
    const Robot robot;
    const std::string directory = robot.directory() + "/ports";
    {
        Process killed(command_line(directory, {"--device", "0", "--device", "1", "--device", "2"}));
        REQUIRE(killed.wait_for_output("ready"));
        killed.signal(SIGKILL);
        REQUIRE(killed.wait() == 128 + SIGKILL);
    }
    CHECK(fs::is_symlink(directory + "/ttyVIRTUAL2"));
    Process next(command_line(directory, {"--device", "LimitSwitch:5"}));
    REQUIRE(next.wait_for_output("ready"));
    CHECK(std::distance(fs::directory_iterator(directory), {}) == 1);
    Host host(directory + "/ttyVIRTUAL0");
    REQUIRE(host.send(virtual_devices::MessageId::ping));
    CHECK(host.await(virtual_devices::MessageId::acknowledgement));
}

TEST_CASE("two programs do not share a directory") {
    const Robot robot;
    const std::string directory = robot.directory() + "/ports";
    Process first(command_line(directory, {"--device", "0"}));
    REQUIRE(first.wait_for_output("ready"));
    const auto second = run(command_line(directory, {"--device", "0"}));
    CHECK(second.status == 1);
    CHECK_THAT(second.output, Catch::Contains("another virtual_devices has its ports in " + directory));
}

TEST_CASE("what is not a link of ours is left alone") {
    const Robot robot;
    std::ofstream(robot.directory() + "/ttyVIRTUAL0") << "precious";
    const auto result = run(command_line(robot.directory(), {"--device", "0"}));
    CHECK(result.status == 1);
    CHECK_THAT(result.output, Catch::Contains("ttyVIRTUAL0"));
    CHECK(fs::file_size(robot.directory() + "/ttyVIRTUAL0") == 8);
}

TEST_CASE("bad options and devices are refused with one line") {
    const Robot robot;
    const std::string directory = robot.directory() + "/ports";
    CHECK(run(command_line(directory, {"--data-hz", "0"})).status == 2);
    CHECK(run(command_line(directory, {"--data-hz", "nan"})).status == 2);
    CHECK(run(command_line(directory, {"--frequency", "1"})).status == 2);
    CHECK(run({"virtual_devices", "--device", "0"}).status == 2);
    for (const char* device : {"Nonesuch", "KoalaBear:x", "KoalaBear@nonsense"}) {
        const auto result = run(command_line(directory, {"--device", device}));
        CHECK(result.status == 1);
        CHECK(std::count(result.output.begin(), result.output.end(), '\n') == 1);
        CHECK_THAT(result.output, Catch::Contains(device));
    }
    const auto none = run(command_line(directory, {}));
    CHECK(none.status == 1);
}

TEST_CASE("a command that makes no sense is answered with an error, and the next one works") {
    const Robot robot;
    VirtualDevices devices(robot, {"KoalaBear"});
    for (const char* line : {"",
                             "nonsense",
                             "nonsense 0",
                             "values",
                             "values 1",
                             "values all",
                             "unplugged 0",
                             "set 0",
                             "set 0 velocity_a",
                             "set 0 velocity_a x",
                             "set 0 nothing 1",
                             "raw 0 0",
                             "raw 0 zz",
                             "await 0 velocity_a",
                             "await 0 velocity_a ~ 1",
                             "await 0 nothing == 1",
                             "corruption 0 7",
                             "place 1 2",
                             "place 1 2 nan",
                             "replug 0 ../x"}) {
        INFO(line);
        CHECK_THROWS_WITH(devices.command(line), Catch::Contains("error "));
    }
    CHECK(devices.ask("list").size() == 1);
    devices.command("silence all on");
    devices.command("unplug all");
    CHECK(devices.ask("device 0")["plugged"] == false);
    devices.command("quit");
    CHECK(devices.process().wait().value_or(-1) == 0);
}

TEST_CASE("commands are not needed: the program runs on when its stdin ends") {
    const Robot robot;
    const std::string directory = robot.directory() + "/ports";
    const std::string line = program("virtual_devices") + " --device 0 --directory " + directory +
                             " --device-types " + device_types;
    const std::string input = GENERATE("</dev/null", "<&-", "< " SOURCE_DIRECTORY "/LICENSE");
    INFO(input);
    Process process({"/bin/sh", "-c", "exec " + line + " " + input});
    REQUIRE(process.wait_for_output("ready"));
    Host host(directory + "/ttyVIRTUAL0");
    REQUIRE(host.send(virtual_devices::MessageId::ping));
    CHECK(host.await(virtual_devices::MessageId::acknowledgement));
    CHECK(process.stop().value_or(-1) == 0);
}

}  // namespace runtime::test
