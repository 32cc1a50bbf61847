/// scripts/run.sh at a terminal, as a person starts it, and the robot that it runs driven with `station`.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "shm_wrapper/layout.hpp"
#include "tests/support/process_table.hpp"
#include "tests/support/robot.hpp"
#include "tests/support/terminal_user.hpp"

using namespace runtime::test;
using nlohmann::json;
namespace files = std::filesystem;

namespace {

const std::string scripts = SOURCE_DIRECTORY "/scripts";
/// Where something was built last long ago, or never, it is built first.
constexpr auto build_patience = 15 * patience;
const std::string control_c = "\x03";

/// A directory whose apt-get and sudo install nothing, but leave a note that they were called.
class NoInstalling {
  public:
    NoInstalling() {
        std::string pattern = (files::temp_directory_path() / "runtime-test-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        directory_ = pattern;
        for (const char* name : {"apt-get", "sudo"})
            put(name, "echo \"$0 $*\" >>" + note() + "\nexit 1\n");
    }
    ~NoInstalling() {
        std::error_code ignored;
        files::remove_all(directory_, ignored);
    }
    NoInstalling(const NoInstalling&) = delete;
    NoInstalling& operator=(const NoInstalling&) = delete;

    /// Puts a shell script in the place of a program.
    void put(const std::string& name, const std::string& text) const {
        std::ofstream(path_of(name)) << "#!/bin/sh\n" << text;
        files::permissions(path_of(name), files::perms::owner_all);
    }
    std::string path() const { return "PATH=" + directory_ + ":" + std::getenv("PATH"); }
    std::string path_of(const std::string& name) const { return directory_ + "/" + name; }
    bool tried() const { return files::exists(note()); }

  private:
    std::string note() const { return directory_ + "/called"; }

    std::string directory_;
};

bool all_packages_installed() {
    return run({"/bin/sh", "-c", "dpkg-query -W $(" + scripts + "/setup.sh --list)"}).status == 0;
}

/// The blocks and files of a robot.
std::vector<std::string> files_of(const std::string& instance) {
    std::vector<std::string> found;
    for (const auto& place : {files::path("/dev/shm"), files::path("/tmp"), files::temp_directory_path()})
        for (const auto& entry : files::directory_iterator(place))
            if (entry.path().filename().string().find(instance) != std::string::npos)
                found.push_back(entry.path());
    return found;
}

/// The words of the command lines of a robot's processes.
std::vector<std::string> words_of_processes(const std::string& instance) {
    std::vector<std::string> found;
    for (const auto& process : listed_processes())
        if (std::any_of(process.command.begin(), process.command.end(),
                        [&](const auto& word) { return word.find(instance) != std::string::npos; }))
            found.insert(found.end(), process.command.begin(), process.command.end());
    return found;
}

std::vector<std::string> left_of(const std::string& instance) {
    std::vector<std::string> left = files_of(instance);
    const auto words = words_of_processes(instance);
    left.insert(left.end(), words.begin(), words.end());
    return left;
}

/// A TCP port that nobody listens on.
std::string free_port() {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(descriptor, any, size) == 0);
    REQUIRE(getsockname(descriptor, any, &size) == 0);
    close(descriptor);
    return std::to_string(ntohs(address.sin_port));
}

bool has_serial_ports() {
    const files::directory_iterator devices("/dev");
    return std::any_of(begin(devices), end(devices), [](const auto& entry) {
        const std::string name = entry.path().filename();
        return name.starts_with("ttyACM") || name.starts_with("ttyUSB");
    });
}

/// The robot of scripts/run.sh, at a terminal of its own.
class RobotOfScript {
  public:
    /// `options`: further ones of run.sh.
    explicit RobotOfScript(const std::string& options = "")
        : robot("/usr/bin/env",
                {"--default-signal=INT", "TERM=xterm", no_installing.path(), "/bin/sh", "-c",
                 "exec " + scripts + "/run.sh --instance " + instance + " --port 0 " + options}) {
        REQUIRE(robot.sees("The robot is running", build_patience));
        REQUIRE(robot.sees("127.0.0.1 port "));
        REQUIRE(robot.sees("leaves nothing behind"));
        const std::string& shown = robot.shown();
        const std::string before = "127.0.0.1 port ";
        port = std::to_string(std::stoi(shown.substr(shown.find(before) + before.size())));
    }

    ~RobotOfScript() {
        // Also where a test has failed: nothing may be left then either.
        try {
            robot.type(control_c);
            robot.wait();
        } catch (const std::exception&) {
        }
    }
    RobotOfScript(const RobotOfScript&) = delete;
    RobotOfScript& operator=(const RobotOfScript&) = delete;

    std::vector<std::string> station(const std::vector<std::string>& arguments) const {
        std::vector<std::string> command{"station", "--address", "localhost", "--port", port};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return command;
    }

    const std::string instance = "test_" + std::to_string(getpid()) + "_script";
    const NoInstalling no_installing;
    std::string port;
    // SIGINT as a person's terminal leaves it, not as whoever runs the tests has it.
    TerminalUser robot;
};

double velocity(const json& shown) {
    const json& devices = shown.at("devices");
    return devices.contains("6_1") ? devices["6_1"]["values"]["velocity_a"].get<double>() : -1;
}

}  // namespace

TEST_CASE_METHOD(RobotOfScript, "run.sh runs a robot that station drives, and Ctrl-C leaves nothing behind") {
    if (all_packages_installed()) {
        CHECK_FALSE(no_installing.tried());
        CHECK_THAT(robot.shown(), Catch::StartsWith("Building "));
    }

    // Words of the script and of the daemons are coloured.
    CHECK_THAT(robot.shown(), Catch::Contains("\x1b[1mThe robot is running.\x1b[0m"));
    for (const std::string daemon : {"dev_handler", "executor", "net_handler"})
        CHECK_THAT(robot.shown(), Catch::Contains("\x1b[32minfo   \x1b[0m [" + daemon + "] ready"));

    // It stands until it is driven.
    CHECK(wait_until([&] {
        const auto result = run(station({"--print", "devices", "--json"}));
        CAPTURE(result.output);
        REQUIRE(result.status == 0);
        return velocity(json::parse(result.output)) == 0;
    }));

    Process driver(
        station({"--mode", "teleop", "--press", "w", "--print", "devices", "--json", "--seconds", "80000"}));
    json shown;
    do {
        const auto line = driver.next_line();
        REQUIRE(line);
        shown = json::parse(*line);
    } while (velocity(shown) < 0.7 || shown["devices"]["6_1"]["values"]["enc_a"] <= 0);
    driver.signal(SIGTERM);
    CHECK(driver.wait() == 0);

    const auto timed = run(station({"--mode", "teleop", "--press", "w", "--seconds", "0.5"}));
    CAPTURE(timed.output);
    CHECK(timed.status == 0);
    CHECK(wait_until([&] {
        const auto result = run(station({"--print", "devices", "--json"}));
        return result.status == 0 && velocity(json::parse(result.output)) == 0;
    }));
    CHECK(run(station({"--press", "no_such_key"})).status == 2);

    const auto first = files_of(instance);
    const auto second = run({scripts + "/run.sh", "--instance", instance, "--port", "0"});
    CHECK(second.status == 1);
    CHECK_THAT(second.output, Catch::Contains("runs already"));
    CHECK_THAT(files_of(instance), Catch::UnorderedEquals(first));

    robot.type(control_c);
    CHECK(robot.wait() == 0);
    CHECK_THAT(left_of(instance), Catch::Equals(std::vector<std::string>{}));
    CHECK(run(station({"--print", "devices"})).status == 1);
}

TEST_CASE("run.sh runs the student program that it is told to, and reads it again when it changes") {
    const NoInstalling directory;
    const std::string program = directory.path_of("my_program.py");
    std::ofstream(program) << "def autonomous():\n    print('my own program')\n";
    RobotOfScript robot("--student-code " + program);
    const auto driven = run(robot.station({"--mode", "auto", "--seconds", "1"}));
    CAPTURE(driven.output);
    CHECK(driven.status == 0);
    CHECK(robot.robot.sees("my own program"));

    std::ofstream(program) << "def autonomous():\n    print('my better program')\n";
    REQUIRE(robot.robot.sees("new student code: my_program.py"));
    CHECK(run(robot.station({"--mode", "auto", "--seconds", "1"})).status == 0);
    CHECK(robot.robot.sees("my better program"));
}

TEST_CASE("run.sh serves the port that it is told to") {
    const std::string port = free_port();
    const RobotOfScript robot("--port " + port);
    CHECK(robot.port == port);
    CHECK_THAT(robot.robot.shown(), Catch::Contains("station --address localhost --port " + port));
    CHECK(run(robot.station({"--print", "devices"})).status == 0);
}

TEST_CASE("run.sh runs a robot without virtual devices") {
    if (has_serial_ports()) {
        WARN("skipped: this machine has serial ports, whose devices are not the test's to drive");
        return;
    }
    const RobotOfScript robot("--no-virtual-devices");
    CHECK_THAT(robot.robot.shown(), Catch::Contains("/dev/ttyACM* and /dev/ttyUSB*"));
    for (const auto& word : words_of_processes(robot.instance))
        CHECK_THAT(word, !Catch::Contains("virtual_devices"));
    const auto shown = run(robot.station({"--print", "devices", "--json"}));
    CAPTURE(shown.output);
    REQUIRE(shown.status == 0);
    json devices = json::parse(shown.output).at("devices");
    devices.erase("CustomData");
    CHECK(devices.empty());
}

TEST_CASE("run.sh that is ended before its first program starts leaves nothing behind") {
    const NoInstalling directory;
    directory.put("flock", "kill -TERM $PPID\nexec /usr/bin/flock \"$@\"\n");
    const std::string instance = "test_" + std::to_string(getpid()) + "_early";
    Process script(
        {"/usr/bin/env", directory.path(), scripts + "/run.sh", "--instance", instance, "--port", "0"});
    CHECK(script.wait(build_patience) == 0);
    CHECK_THAT(left_of(instance), Catch::Equals(std::vector<std::string>{}));
}

TEST_CASE("run.sh leaves nothing behind where executor was killed, no file of the student program either") {
    const NoInstalling directory;
    const std::string program = directory.path_of("my_program.py");
    std::ofstream(program) << "def autonomous():\n    open('notes', 'w')\n    print('notes written')\n";
    RobotOfScript robot("--student-code " + program);
    CHECK(run(robot.station({"--mode", "auto", "--seconds", "1"})).status == 0);
    REQUIRE(robot.robot.sees("notes written"));
    const runtime::BlockReader<runtime::StudentBlock> student(robot.instance);
    REQUIRE(kill(runtime::pid_of(student->header.writer), SIGKILL) == 0);
    REQUIRE(robot.robot.sees("executor has ended"));
    CHECK(robot.robot.wait() == 1);
    CHECK_THAT(left_of(robot.instance), Catch::Equals(std::vector<std::string>{}));
}
