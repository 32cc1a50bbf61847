#pragma once
#include <boost/program_options.hpp>
#include <iosfwd>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shm_wrapper/log_ring.hpp"

namespace runtime {

/// What every program takes.
struct CommonOptions {
    std::string instance;
    std::string config;
    LogLevel log_level = LogLevel::info;
};

/// The level of this name: debug, info, warning, error. Throws std::invalid_argument, which names the option.
LogLevel log_level_from(const std::string& option, const std::string& name);

/// The command line and the configuration file of one program.
///
///     ProgramOptions options("net_handler", "relays state to driver station and field control");
///     options.add()("port", po::value(&port)->default_value(8101)->value_name("N"), "TCP port");
///     if (const auto status = options.parse(argc, argv))
///         return *status;
///
/// The configuration file (--config, by default /etc/runtime/runtime.conf where that exists) is shared by all
/// programs: the common options stand at its top, a program's own options below a line with its name in
/// brackets, one `name = value` a line, under the same names as on the command line, which wins.
class ProgramOptions {
  public:
    ProgramOptions(std::string program, std::string description);

    /// Adds the program's own options.
    boost::program_options::options_description_easy_init add() { return own_.add_options(); }

    struct Command {
        std::string name;
        std::string description;
    };
    /// Makes the program take one word beside its options, which must be one of these. `chosen` outlives the
    /// options.
    void add_commands(std::string& chosen, std::vector<Command> commands);

    /// Nothing: go on. A value: end with this exit status (0 after --help and --version, 2 after one line on
    /// stderr that says what is wrong).
    std::optional<int> parse(int argc, const char* const* argv);

    /// Says in one line on stderr why options that parse() took do not go together. The exit status: 2.
    int reject(std::string_view reason) const;

    const CommonOptions& common() const noexcept { return common_; }
    const std::string& program() const noexcept { return program_; }
    /// Whether the option was given or has a default.
    bool has(const std::string& name) const { return values_.count(name) != 0; }
    /// Whether the option stands on the command line.
    bool given(const std::string& name) const { return given_.count(name) != 0; }

  private:
    void choose_command(const boost::program_options::parsed_options& parsed);
    void read_config();
    void print_help(std::ostream& out) const;

    std::string program_;
    std::string description_;
    std::vector<Command> commands_;
    std::string* chosen_command_ = nullptr;
    boost::program_options::options_description own_;
    boost::program_options::options_description shared_;
    boost::program_options::variables_map values_;
    std::set<std::string> given_;
    CommonOptions common_;
};

}  // namespace runtime
