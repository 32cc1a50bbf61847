#include "shm_wrapper/process/options.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <vector>

using namespace runtime;
using Catch::Contains;

namespace {

std::string what_prints(const std::function<void()>& action) {
    std::ostringstream out;
    auto* const out_before = std::cout.rdbuf(out.rdbuf());
    auto* const error_before = std::cerr.rdbuf(out.rdbuf());
    action();
    std::cout.rdbuf(out_before);
    std::cerr.rdbuf(error_before);
    return out.str();
}

/// One parse of a command line, with what it printed.
struct Parsed {
    std::optional<int> status;
    std::string printed;
    int port = 0;
    std::vector<std::string> networks;
    CommonOptions common;

    explicit Parsed(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "net_handler");
        ProgramOptions options("net_handler", "a test");
        namespace po = boost::program_options;
        options.add()("port", po::value(&port)->default_value(8101), "")  //
            ("allow", po::value(&networks)->multitoken(), "");
        printed = what_prints(
            [&] { status = options.parse(static_cast<int>(arguments.size()), arguments.data()); });
        common = options.common();
    }
};

/// A configuration file for one test.
class ConfigFile {
  public:
    explicit ConfigFile(const std::string& text)
        : path_(std::filesystem::temp_directory_path() / ("options-" + std::to_string(getpid()) + ".conf")) {
        std::ofstream(path_) << text;
    }
    ~ConfigFile() { std::remove(path_.c_str()); }
    const char* path() const { return path_.c_str(); }

  private:
    std::string path_;
};

bool one_line(const std::string& text) {
    return text.find('\n') == text.size() - 1;
}

}  // namespace

TEST_CASE("options of the command line are taken") {
    const Parsed parsed(
        {"--port", "9000", "--allow", "10.0.0.0/8", "::1", "--instance", "a_1", "--log-level=debug"});
    CHECK_FALSE(parsed.status);
    CHECK(parsed.port == 9000);
    CHECK(parsed.networks == std::vector<std::string>{"10.0.0.0/8", "::1"});
    CHECK(parsed.common.instance == "a_1");
    CHECK(parsed.common.log_level == LogLevel::debug);
}

TEST_CASE("a bad command line is one clear line and exit status 2") {
    const auto arguments = GENERATE(values<std::vector<const char*>>({{"--prot", "1"},
                                                                      {"--port", "many"},
                                                                      {"--port"},
                                                                      {"--instance", "a/b"},
                                                                      {"--log-level", "loud"},
                                                                      {"stray"},
                                                                      {"--config", "/no/such/file"},
                                                                      {"--config", "/tmp"}}));
    const Parsed parsed(arguments);
    CHECK(parsed.status == 2);
    CHECK(one_line(parsed.printed));
    CHECK_THAT(parsed.printed, Catch::StartsWith("net_handler: ") && Contains("--help"));
}

TEST_CASE("--help lists the program's options and the common ones, and --version names a version") {
    const Parsed help({"--help"});
    CHECK(help.status == 0);
    CHECK_THAT(help.printed, Contains("--port") && Contains("--instance") && Contains("--log-level"));
    const Parsed number({"--version"});
    CHECK(number.status == 0);
    CHECK_THAT(number.printed, Catch::StartsWith("net_handler "));
}

TEST_CASE("the configuration file is shared: common options, own section, others' sections") {
    const ConfigFile file(
        "instance = field_2\n# a comment\n[net_handler]\nport = 8200\n[dev_handler]\nports = /dev/x*\n");
    const Parsed parsed({"--config", file.path()});
    REQUIRE_FALSE(parsed.status);
    CHECK(parsed.port == 8200);
    CHECK(parsed.common.instance == "field_2");
    SECTION("the command line wins") {
        const Parsed both({"--config", file.path(), "--port", "8300"});
        CHECK(both.port == 8300);
    }
}

TEST_CASE("a mistake in the configuration file names the file and the option") {
    const auto [text, option] = GENERATE(std::pair("[net_handler]\nprot = 1\n", "prot"),
                                         std::pair("prot = 1\n", "prot"), std::pair("port = 1\n", "port"));
    const ConfigFile file(text);
    const Parsed parsed({"--config", file.path()});
    CHECK(parsed.status == 2);
    CHECK(one_line(parsed.printed));
    CHECK_THAT(parsed.printed, Contains(file.path()) && Contains(option));
}

namespace {

/// One parse of the command line of a program with commands.
struct ParsedCommand {
    std::optional<int> status;
    std::string printed;
    std::string command;
    bool json = false;

    explicit ParsedCommand(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "runtime");
        ProgramOptions options("runtime", "a test");
        options.add_commands(command, {{"status", "the one"}, {"logs", "the other"}});
        options.add()("json", boost::program_options::bool_switch(&json), "");
        printed = what_prints(
            [&] { status = options.parse(static_cast<int>(arguments.size()), arguments.data()); });
    }
};

}  // namespace

TEST_CASE("a command stands anywhere among the options") {
    const auto arguments = GENERATE(values<std::vector<const char*>>(
        {{"logs", "--json", "--instance", "a"}, {"--instance", "a", "logs", "--json"}, {"--json", "logs"}}));
    const ParsedCommand parsed(arguments);
    CHECK_FALSE(parsed.status);
    CHECK(parsed.command == "logs");
    CHECK(parsed.json);
}

TEST_CASE("a missing, unknown or second command is one clear line and exit status 2") {
    const std::pair<std::vector<const char*>, const char*> wrong[] = {
        {{}, "a command is missing; there are status, logs"},
        {{"--json"}, "a command is missing; there are status, logs"},
        {{"stat"}, "unknown command \"stat\"; there are status, logs"},
        {{"--", "--status"}, "unknown command \"--status\""},
        {{"status", "logs"}, "one command at a time"},
        {{"--command", "status"}, "--command"},
    };
    for (const auto& [arguments, reason] : wrong) {
        INFO(reason);
        const ParsedCommand parsed(arguments);
        CHECK(parsed.status == 2);
        CHECK(one_line(parsed.printed));
        CHECK_THAT(parsed.printed, Contains("runtime: ") && Contains(reason));
    }
}

TEST_CASE("the help of a program with commands lists them") {
    const ParsedCommand parsed({"--help"});
    CHECK(parsed.status == 0);
    CHECK_THAT(parsed.printed, Contains("runtime COMMAND [options]") && Contains("status") &&
                                   Contains("the one") && Contains("the other"));
}
