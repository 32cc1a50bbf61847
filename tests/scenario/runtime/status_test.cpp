/// One look at a real robot, and at what is left of one.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_ring.hpp"
#include "tests/support/terminal_user.hpp"
#include "tests/support/virtual_devices.hpp"
#include "tests/support/whole_robot.hpp"

using namespace runtime;
using namespace runtime::test;
using Catch::Contains;
using nlohmann::json;

namespace {

const std::string student_code = R"(
def teleop_main():
    pass
)";

Result look(const Robot& robot, const std::string& command, std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"runtime", command, "--instance", robot.instance()});
    return run(options);
}

json status(const Robot& robot) {
    return json::parse(look(robot, "status", {"--json"}).output);
}

/// Looks again until what `wanted` says holds.
bool becomes(const Robot& robot, const std::function<bool(const json&)>& wanted) {
    return wait_until([&] { return wanted(status(robot)); });
}

json daemon_of(const json& status, const std::string& name) {
    for (const auto& daemon : status["daemons"])
        if (daemon["name"] == name)
            return daemon;
    throw std::runtime_error("no daemon " + name);
}

bool is(const json& status, const std::string& daemon, const std::string& state) {
    return daemon_of(status, daemon)["state"] == state;
}

struct Running {
    Robot robot;
    VirtualDevices devices{robot, {"KoalaBear:77"}};
    WholeRobot daemons{robot, devices.ports(), student_code};

    Running() {
        REQUIRE(becomes(robot, [](const json& seen) {
            return seen["healthy"] == true && seen["devices"].size() == 1 &&
                   !seen["devices"][0]["values"].empty();
        }));
    }
};

/// What all blocks of an instance hold, byte by byte.
std::map<std::string, std::string> content_of(const std::string& instance) {
    std::map<std::string, std::string> content;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/shm"))
        if (entry.path().filename().string().find("-" + instance + "-") != std::string::npos) {
            std::ifstream file(entry.path(), std::ios::binary);
            content[entry.path().filename()] = std::string(std::istreambuf_iterator<char>(file), {});
        }
    return content;
}

void set_layout(const std::string& block, std::uint32_t version) {
    const int descriptor = shm_open(block.c_str(), O_RDWR, 0);
    REQUIRE(pwrite(descriptor, &version, sizeof version, offsetof(BlockHeader, layout_version)) ==
            sizeof version);
    close(descriptor);
}

}  // namespace

TEST_CASE_METHOD(Running, "a robot that drives is seen whole") {
    DriverStation station(daemons.port());
    station.keep_receiving();
    station.keep_sending(keyboard(0));
    station.set_mode(::RunMode::TELEOP);
    CHECK(becomes(robot, [](const json& seen) {
        return seen["run"]["mode"] == "TELEOP" && seen["student"]["phase"] == "running" &&
               seen["student"]["loop_rate"] > 0 && seen["clients"]["driver_station"] == true &&
               seen["clients"]["keyboard"] == true;
    }));
    const json seen = status(robot);
    CHECK(seen["student"]["run_id"] == seen["run"]["run_id"]);
    CHECK(seen["student"]["pid"] > 0);
    CHECK(daemon_of(seen, "executor")["pid"] == daemons.executor().pid());
    CHECK(daemon_of(seen, "executor")["restarts"] == 0);
    CHECK(daemon_of(seen, "executor")["uptime_s"] >= 0);
    for (const auto& block : seen["blocks"])
        CHECK(block["state"] == "whole");
    const json& device = seen["devices"][0];
    CHECK(device["id"] == "6_77");
    CHECK(device["name"] == "KoalaBear");
    CHECK(device["port"] == devices.port(0));
    CHECK(device["values"].contains("velocity_a"));
    CHECK(device["link"]["frames_received"] > 0);
    CHECK_THAT(look(robot, "status").output, Contains("run: TELEOP") && Contains("6_77"));
    // On a busy machine the device may be lost for a moment: then it has no values yet when it is back.
    Result listed;
    CHECK(wait_until([&] {
        listed = look(robot, "devices");
        return listed.output.find("velocity_a=") != std::string::npos;
    }));
    CHECK(listed.status == 0);
    CHECK_THAT(listed.output, Contains("6_77     KoalaBear"));
    CHECK(json::parse(look(robot, "devices", {"--json"}).output)["devices"].size() == 1);
}

TEST_CASE_METHOD(Running,
                 "a daemon that was killed is down, its word is doubted, and its restart is counted") {
    // In possession of a device: on a busy machine it may just have lost it.
    REQUIRE(wait_until([&] {
        daemons.dev_handler().signal(SIGSTOP);
        const json device = status(robot)["devices"][0];
        if (device["connected"] == true || !device["note"].get_ref<const std::string&>().empty())
            return true;
        daemons.dev_handler().signal(SIGCONT);
        return false;
    }));
    daemons.dev_handler().signal(SIGKILL);
    daemons.dev_handler().wait();
    const json seen = status(robot);
    CHECK(is(seen, "dev_handler", "down"));
    CHECK(daemon_of(seen, "dev_handler")["note"] ==
          "process " + std::to_string(daemons.dev_handler().pid()) + " has died");
    CHECK(seen["devices"][0]["connected"] == false);
    CHECK(seen["devices"][0]["note"] == "dev_handler is down");
    const auto text = look(robot, "status");
    CHECK(text.status == 1);
    CHECK_THAT(text.output, Contains("not in order") && Contains("(dead)"));
    CHECK_THAT(look(robot, "logs").output, Contains("[dev_handler]"));
    Process next = robot.start("dev_handler", {"--ports", devices.ports()});
    CHECK(becomes(robot, [](const json& again) { return is(again, "dev_handler", "alive"); }));
    CHECK(daemon_of(status(robot), "dev_handler")["restarts"] == 1);
}

TEST_CASE_METHOD(Running, "a daemon that was stopped is hung, and alive again when it goes on") {
    daemons.executor().signal(SIGSTOP);
    CHECK(becomes(robot, [](const json& seen) { return is(seen, "executor", "hung"); }));
    CHECK(daemon_of(status(robot), "executor")["pid"] == daemons.executor().pid());
    daemons.executor().signal(SIGCONT);
    CHECK(becomes(robot, [](const json& seen) { return is(seen, "executor", "alive"); }));
}

TEST_CASE("without blocks everything says so, and the exit status is 1") {
    const std::string instance = "test_" + std::to_string(getpid()) + "_nobody";
    const auto status_result = run({"runtime", "status", "--instance", instance});
    CHECK(status_result.status == 1);
    CHECK_THAT(status_result.output,
               Contains("block devices is missing: run shm_start") && Contains("run: unknown"));
    const auto as_json = run({"runtime", "status", "--instance", instance, "--json"});
    CHECK(as_json.status == 1);
    CHECK(json::parse(as_json.output)["devices"].is_null());
    const auto devices = run({"runtime", "devices", "--instance", instance});
    CHECK(devices.status == 1);
    CHECK(devices.output == "runtime: the devices are unknown: block devices is missing: run shm_start\n");
    const auto logs = run({"runtime", "logs", "--instance", instance});
    CHECK(logs.status == 1);
    CHECK_THAT(logs.output, Contains("log-dev_handler") && Contains("does not exist"));
}

TEST_CASE("a block of another layout is told, and which, and the others are shown") {
    const Robot robot;
    set_layout(block_name(robot.instance(), DevicesBlock::name), 99);
    const auto text = look(robot, "status");
    CHECK(text.status == 1);
    CHECK_THAT(text.output,
               Contains("other layout layout 99, ") &&
                   Contains("this program needs layout " + std::to_string(DevicesBlock::layout_version)));
    const json seen = status(robot);
    CHECK(is(seen, "dev_handler", "unknown"));
    CHECK(is(seen, "net_handler", "down"));
    CHECK(seen["devices"].is_null());
    CHECK(seen["run"]["mode"] == "IDLE");
    CHECK(look(robot, "devices").status == 1);
}

TEST_CASE("where nobody takes what is printed the exit status is 1") {
    const Robot robot;
    LogWriter(robot.instance(), "executor").append(LogLevel::info, LogSource::daemon, "a line");
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    close(ends[0]);
    for (const std::string command : {"status", "devices --json", "logs", "logs -f"}) {
        const auto result = run({"/bin/bash", "-c",
                                 program("runtime") + " " + command + " --instance " + robot.instance() +
                                     " >&" + std::to_string(ends[1]) + "; echo status $?"});
        CAPTURE(command);
        CHECK(result.output == "status 1\n");
    }
    close(ends[1]);
}

TEST_CASE("a look changes no byte of any block") {
    const Robot robot;
    const auto before = content_of(robot.instance());
    REQUIRE(before.size() == 8 + logging_processes.size());
    for (const char* command : {"status", "devices", "logs"})
        look(robot, command);
    CHECK(content_of(robot.instance()) == before);
    TerminalUser watching("runtime", {"watch", "--instance", robot.instance()});
    CHECK(watching.sees("run: IDLE"));
    watching.type("q");
    CHECK(watching.wait() == 0);
    CHECK(content_of(robot.instance()) == before);
}

TEST_CASE("who follows the logs writes into no block: it cannot") {
    const Robot robot;
    Process user({"runtime", "logs", "--follow", "--instance", robot.instance()});
    const auto mappings = [&] {
        std::vector<std::string> found;
        std::ifstream maps("/proc/" + std::to_string(user.pid()) + "/maps");
        for (std::string line; std::getline(maps, line);)
            if (line.find("-" + robot.instance() + "-") != std::string::npos)
                found.push_back(line);
        return found;
    };
    REQUIRE(wait_until([&] { return mappings().size() >= logging_processes.size(); }));
    for (const auto& line : mappings())
        CHECK_THAT(line, Contains(" r--s "));
}

TEST_CASE("a wrong command line is one line and status 2") {
    const auto arguments =
        GENERATE(values<std::vector<std::string>>({{"runtime"},
                                                   {"runtime", "state"},
                                                   {"runtime", "status", "--jsn"},
                                                   {"runtime", "status", "-f"},
                                                   {"runtime", "status", "--instance", "a/b"}}));
    const auto result = run(arguments);
    CHECK(result.status == 2);
    CHECK(result.output.find('\n') == result.output.size() - 1);
    CHECK(run({"runtime", "--help"}).status == 0);
    CHECK_THAT(run({"runtime", "--version"}).output, Contains("runtime "));
}
