/// The station without a person, as scripts use it.
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_ring.hpp"
#include "tests/support/listening_port.hpp"
#include "tests/support/own_namespaces.hpp"
#include "tests/support/virtual_devices.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime;
using namespace runtime::test;
using nlohmann::json;

namespace {

// On a busy machine the device may be lost for a moment: the program goes on.
const std::string student_code = R"(
def command(parameter, value):
    try:
        Robot.set_value("6_77", parameter, value)
    except DeviceError:
        pass

def teleop_setup():
    print("teleop runs")

def teleop_main():
    pressed = Keyboard.get_value("w") and Gamepad.get_value("button_b")
    command("velocity_a", 0.75 if pressed else 0.0)
    Robot.log("driven", pressed)
)";

Process station(std::uint16_t port, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"station", "--address", "127.0.0.1", "--port", std::to_string(port)});
    return Process(std::move(arguments));
}

Result run_station(std::uint16_t port, std::vector<std::string> arguments) {
    Process process = station(port, std::move(arguments));
    const auto status = process.wait();
    return {status.value_or(-1), process.output()};
}

bool one_line(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n') == 1;
}

struct Fixture {
    Robot robot;
    VirtualDevices devices{robot, {"KoalaBear:77"}};
    WholeRobot daemons{robot, devices.ports(), student_code};
    BlockReader<RobotBlock> block{robot.instance()};

    bool mode_becomes(runtime::RunMode mode) const {
        return wait_until([&] { return block->state.read().mode == mode; }, block->state.sequence_word());
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a script drives the robot for as long as it says, and the robot stops") {
    Process script = station(daemons.port(), {"--mode", "teleop", "--press", "w", "button_b", "--print",
                                              "devices", "--json", "--seconds", "80000"});
    CHECK(devices.await(0, "velocity_a == 0.75") != 0);
    bool printed = false;
    while (!printed) {
        const auto line = script.next_line();
        REQUIRE(line);
        const json shown = json::parse(*line)["devices"];
        printed = shown.contains("6_77") && shown["6_77"]["values"]["velocity_a"] == 0.75 &&
                  shown["CustomData"]["values"].value("driven", false);
    }
    script.signal(SIGTERM);
    CHECK(script.wait() == 0);
    CHECK(mode_becomes(runtime::RunMode::idle));
    CHECK(devices.await(0, "velocity_a == 0") != 0);
}

TEST_CASE_METHOD(Fixture, "a script ends by itself, prints the log, and has sent IDLE before it went") {
    const auto result =
        run_station(daemons.port(), {"--mode", "teleop", "--seconds", "1", "--print", "logs", "--json"});
    CAPTURE(result.output);
    CHECK(result.status == 0);
    std::vector<std::string> lines;
    std::string rest = result.output;
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
        lines.push_back(json::parse(rest.substr(0, end))["line"]);
        rest.erase(0, end + 1);
    }
    const auto printed = [&](const std::string& text) {
        return std::any_of(lines.begin(), lines.end(),
                           [&](const auto& line) { return line.find(text) != std::string::npos; });
    };
    CHECK(printed("TELEOP, set by the driver station"));
    CHECK(daemons.net_handler().wait_for_output("IDLE, set by the driver station"));
    CHECK(block->state.read().mode == runtime::RunMode::idle);
}

TEST_CASE_METHOD(Fixture, "devices are printed once where no time is given") {
    const auto result = run_station(daemons.port(), {"--print", "devices"});
    CAPTURE(result.output);
    CHECK(result.status == 0);
    CHECK_THAT(result.output, Catch::Contains("CustomData time_ms="));
}

TEST_CASE("inputs keep coming though nothing is typed, and hold what is pressed") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    const BlockReader<InputsBlock> inputs(robot.instance());
    const BlockReader<RobotBlock> block(robot.instance());
    Process script = station(port_of(net_handler), {"--press", "a", "ArrowDown", "button_xbox"});
    CHECK(wait_until(
        [&] {
            const Inputs now_pressed = inputs->inputs.read();
            return now_pressed.keyboard_keys == (1ULL | 1ULL << 46) &&
                   now_pressed.gamepad_buttons == 1ULL << 16;
        },
        inputs->inputs.sequence_word()));
    script.signal(SIGSTOP);
    CHECK(wait_until([&] { return !block->state.read().keyboard_connected; }, block->state.sequence_word()));
    script.signal(SIGCONT);
    CHECK(wait_until([&] { return block->state.read().keyboard_connected; }, block->state.sequence_word()));
    script.signal(SIGINT);
    CHECK(script.wait() == 0);
}

TEST_CASE("a robot that cannot be reached, is lost or is none is one line and status 1") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    const std::uint16_t port = port_of(net_handler);
    SECTION("it is lost") {
        Process script = station(port, {"--mode", "teleop", "--print", "logs"});
        REQUIRE(script.wait_for_output("TELEOP, set by"));
        net_handler.signal(SIGKILL);
        CHECK(script.wait_for_output("station: 127.0.0.1 port"));
        CHECK(script.wait() == 1);
    }
    SECTION("it stays silent") {
        Process script = station(port, {"--mode", "teleop", "--print", "logs"});
        REQUIRE(script.wait_for_output("TELEOP, set by"));
        net_handler.signal(SIGSTOP);
        CHECK(script.wait_for_output("nothing has come from the robot"));
        CHECK(script.wait() == 1);
    }
    SECTION("whether it has read IDLE is not known") {
        Process script = station(port, {"--mode", "teleop", "--print", "logs"});
        REQUIRE(script.wait_for_output("TELEOP, set by"));
        net_handler.signal(SIGSTOP);
        script.signal(SIGTERM);
        CHECK(script.wait_for_output("did not confirm that it has read IDLE"));
        CHECK(script.wait() == 1);
    }
    SECTION("nobody listens") {
        net_handler.stop();
        const auto result = run_station(port, {"--print", "devices"});
        CAPTURE(result.output);
        CHECK(result.status == 1);
        CHECK(one_line(result.output));
        CHECK_THAT(result.output, Catch::Contains("cannot connect to 127.0.0.1 port"));
    }
    SECTION("there is no such name") {
        const auto result = run({"station", "--address", "no.such.name.invalid", "--print", "devices"});
        CAPTURE(result.output);
        CHECK(result.status == 1);
        CHECK(one_line(result.output));
        CHECK_THAT(result.output, Catch::Contains("cannot find no.such.name.invalid"));
    }
}

TEST_CASE("a script that is interrupted while the name is looked up ends at once") {
    if (!inside_namespaces())
        return;
    mount_memory("/etc", 65536);  // without a configuration the name server is the one on loopback
    const int name_server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(53);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(name_server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    // Never answered, and asked for far longer than a test is patient.
    Process script({"station", "--address", "robot.example", "--mode", "teleop"},
                   {"RES_OPTIONS=timeout:30 attempts:5"});
    pollfd query{name_server, POLLIN, 0};
    REQUIRE(poll(&query, 1, std::chrono::milliseconds(patience).count()) == 1);
    script.signal(SIGINT);
    CHECK(script.wait() == 0);
    CHECK(script.output().empty());
    close(name_server);
}

TEST_CASE("while nothing can go out no input waits to be sent: what goes then is new") {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int smallest = 1;
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener, 1) == 0);
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    // A robot that reads nothing, and says nothing: after 3 s the station goes.
    Process script = station(ntohs(address.sin_port), {"--press", "w", "button_a"});
    const int robot = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    CHECK(script.wait_for_output("nothing has come from the robot"));
    CHECK(script.wait() == 1);
    int arrived = 0;
    ioctl(robot, FIONREAD, &arrived);
    std::size_t sent = 0;
    std::array<char, 4096> bytes;
    for (ssize_t count = 0; (count = read(robot, bytes.data(), bytes.size())) > 0;)
        sent += static_cast<std::size_t>(count);
    // Some packets may be on their way when there is no more room.
    CAPTURE(sent, arrived);
    CHECK(sent - static_cast<std::size_t>(arrived) < 1000);
    close(robot);
    close(listener);
}

TEST_CASE("a mode that field control does not allow is status 1") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    const std::uint16_t port = port_of(net_handler);
    DriverStation shepherd(port, DriverStation::Kind::shepherd);
    REQUIRE(shepherd.wait_for_status([](const RuntimeStatus& status) { return status.shep_connected(); }));
    const auto result = run_station(port, {"--mode", "auto", "--seconds", "80000"});
    CAPTURE(result.output);
    CHECK(result.status == 1);
    CHECK_THAT(result.output, Catch::Contains("has not taken AUTO: field control"));
}

TEST_CASE("a mode that somebody else ends is status 1") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    const std::uint16_t port = port_of(net_handler);
    Process script = station(port, {"--mode", "teleop", "--seconds", "80000", "--print", "logs"});
    REQUIRE(script.wait_for_output("TELEOP, set by"));
    DriverStation shepherd(port, DriverStation::Kind::shepherd);
    shepherd.set_mode(::RunMode::IDLE);
    CHECK(script.wait_for_output("station: the robot is no longer in TELEOP but in IDLE"));
    CHECK(script.wait() == 1);
}

TEST_CASE("a script learns that the robot has taken the mode, whatever net_handler logs and in any flood") {
    const Robot robot;
    const std::string level = GENERATE(as<std::string>{}, "info", "error");
    Process net_handler = robot.start("net_handler", {"--port", "0", "--log-level", level});
    const std::uint16_t port = listening_port_of(net_handler.pid());
    LogWriter executor_log(robot.instance(), "executor");
    for (int i = 0; i < 2000; ++i)
        executor_log.append(LogLevel::info, LogSource::student, std::string(4000, 'x'));
    const auto result = run_station(port, {"--mode", "teleop", "--seconds", "0.1"});
    CAPTURE(result.output);
    CHECK(result.status == 0);
}

TEST_CASE("whoever does not read the output delays neither the robot nor the end") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    const BlockReader<RobotBlock> block(robot.instance());
    const BlockReader<InputsBlock> inputs(robot.instance());
    const std::string fifo = robot.directory() + "/fifo";
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    const int reader = open(fifo.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(reader >= 0);
    fcntl(reader, F_SETPIPE_SZ, 4096);
    LogWriter executor_log(robot.instance(), "executor");
    for (int i = 0; i < 500; ++i)
        executor_log.append(LogLevel::info, LogSource::student, std::string(100, 'x'));
    const bool ends_by_itself = GENERATE(true, false);
    const std::string seconds = ends_by_itself ? "1" : "80000";
    Process script({"/bin/sh", "-c",
                    "exec " + program("station") + " --address 127.0.0.1 --port " +
                        std::to_string(port_of(net_handler)) +
                        " --mode teleop --press w --print logs --seconds " + seconds + " > " + fifo});
    REQUIRE(wait_until([&] {
        pollfd full{reader, POLLOUT, 0};
        return poll(&full, 1, 0) == 0;
    }));
    if (!ends_by_itself) {
        const Nanoseconds seen = inputs->inputs.read().time;
        CHECK(wait_until([&] { return inputs->inputs.read().time > seen + 500 * millisecond; }));
        CHECK(block->state.read().mode == runtime::RunMode::teleop);
        script.signal(SIGTERM);
    }
    CHECK(script.wait() == 1);
    CHECK_THAT(script.output(), Catch::Contains("standard output is not read"));
    CHECK(wait_until([&] { return block->state.read().mode == runtime::RunMode::idle; }));
    close(reader);
}

TEST_CASE("what is printed into a file stands behind what was there") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    const std::string file = robot.directory() + "/printed";
    const auto result = run({"/bin/sh", "-c",
                             "{ echo before; " + program("station") + " --address 127.0.0.1 --port " +
                                 std::to_string(port_of(net_handler)) + " --print devices; echo after; } > " +
                                 file + "; cat " + file});
    CHECK(result.status == 0);
    CHECK_THAT(result.output, Catch::StartsWith("before\nCustomData") && Catch::EndsWith("\nafter\n"));
}

TEST_CASE("whoever reads the output may go: the robot is stopped") {
    const Robot robot;
    Process net_handler = robot.start("net_handler", {"--port", "0"});
    const BlockReader<RobotBlock> block(robot.instance());
    const auto port = std::to_string(port_of(net_handler));
    const auto result = run({"/bin/sh", "-c",
                             program("station") + " --address 127.0.0.1 --port " + port +
                                 " --mode teleop --print devices --seconds 80000 | head -n 1"});
    CAPTURE(result.output);
    CHECK(result.status == 0);
    CHECK(block->state.read().mode == runtime::RunMode::idle);
}

TEST_CASE("wrong options, and no terminal, are one line and status 2") {
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {"--mode", "drive"}, {"--port", "0"}, {"--json"}, {"--press", "nothing"}, {"--nonsense"}, {}}) {
        std::vector<std::string> command{"station"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const auto result = run(command);
        CAPTURE(result.output);
        CHECK(result.status == 2);
        CHECK(one_line(result.output));
    }
}
