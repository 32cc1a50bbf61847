#include "shm_wrapper/process/options.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "shm_wrapper/process/version.hpp"

namespace po = boost::program_options;

namespace runtime {
namespace {

constexpr const char* default_config = "/etc/runtime/runtime.conf";

/// As other programs write it, for help2man and bash-completion: "-f, --follow" where Boost writes
/// "-f [ --follow ]", and never less than two spaces before what an option does.
std::string conventional(const po::options_description& options) {
    std::ostringstream stream;
    options.print(stream, options.get_option_column_width() + 1);
    std::string text = stream.str();
    for (auto at = text.find(" [ --"); at != std::string::npos; at = text.find(" [ --", at)) {
        text.replace(text.find(" ]", at), 2, "     ");
        text.replace(at, 3, ", ");
    }
    return text;
}

}  // namespace

LogLevel log_level_from(const std::string& option, const std::string& name) {
    if (name == "debug")
        return LogLevel::debug;
    if (name == "info")
        return LogLevel::info;
    if (name == "warning")
        return LogLevel::warning;
    if (name == "error")
        return LogLevel::error;
    throw std::invalid_argument("--" + option + " \"" + name + "\" is not debug, info, warning or error");
}

ProgramOptions::ProgramOptions(std::string program, std::string description)
    : program_(std::move(program)),
      description_(std::move(description)),
      own_("Options"),
      shared_("Options of every program") {
    shared_.add_options()  //
        ("instance", po::value(&common_.instance)->value_name("NAME"),
         "which robot: part of every block's name, so that several run side by side")  //
        ("config", po::value(&common_.config)->value_name("FILE"),
         "configuration file (default: /etc/runtime/runtime.conf where it exists)")  //
        ("log-level", po::value<std::string>()->default_value("info")->value_name("LEVEL"),
         "debug, info, warning or error")  //
        ("help", "print this and exit")    //
        ("version", "print the version and exit");
}

void ProgramOptions::add_commands(std::string& chosen, std::vector<Command> commands) {
    chosen_command_ = &chosen;
    commands_ = std::move(commands);
}

void ProgramOptions::choose_command(const po::parsed_options& parsed) {
    std::string names;
    for (const auto& command : commands_)
        names.append(names.empty() ? "" : ", ").append(command.name);
    for (const auto& option : parsed.options) {
        if (option.position_key < 0)
            continue;
        for (const auto& word : option.value) {
            if (!chosen_command_->empty())
                throw std::invalid_argument(std::string("one command at a time, not \"")
                                                .append(*chosen_command_)
                                                .append("\" and \"")
                                                .append(word)
                                                .append("\""));
            const auto known = [&](const Command& command) { return command.name == word; };
            if (std::none_of(commands_.begin(), commands_.end(), known))
                throw std::invalid_argument(
                    std::string("unknown command \"").append(word).append("\"; there are ").append(names));
            *chosen_command_ = word;
        }
    }
    if (chosen_command_->empty())
        throw std::invalid_argument("a command is missing; there are " + names);
}

void ProgramOptions::print_help(std::ostream& out) const {
    out << program_ << ": " << description_ << "\n\n";
    out << "Usage: " << program_ << (commands_.empty() ? "" : " COMMAND") << " [options]\n\n";
    if (!commands_.empty()) {
        out << "Commands:\n";
        for (const auto& [name, description] : commands_)
            out << "  " << std::left << std::setw(20) << name << ' ' << description << '\n';
        out << '\n';
    }
    if (!own_.options().empty()) {
        out << conventional(own_) << '\n' << conventional(shared_);
        return;
    }
    po::options_description all("Options");
    for (const auto& option : shared_.options())
        all.add(option);
    out << conventional(all);
}

void ProgramOptions::read_config() {
    const bool chosen = values_.count("config") != 0;
    const std::string path = chosen ? values_["config"].as<std::string>() : default_config;
    std::error_code ignored;
    if (!chosen && !std::filesystem::exists(path, ignored))
        return;
    std::ifstream file(path);
    if (!file || std::filesystem::is_directory(path, ignored))
        throw std::invalid_argument("configuration file " + path + " cannot be read");
    try {
        po::options_description all;
        all.add(own_).add(shared_);
        // Other programs' sections hold options that this one does not know.
        auto parsed = po::parse_config_file(file, po::options_description(), true);
        po::parsed_options mine(&all);
        for (auto& option : parsed.options) {
            const auto dot = option.string_key.find('.');
            const bool in_section = dot != std::string::npos;
            if (in_section && option.string_key.substr(0, dot) != program_)
                continue;
            const std::string name = in_section ? option.string_key.substr(dot + 1) : option.string_key;
            const auto& known = in_section ? all : shared_;
            if (known.find_nothrow(name, false) == nullptr)
                throw std::invalid_argument("unrecognised option '" + option.string_key + "'");
            option.string_key = name;
            option.unregistered = false;
            mine.options.push_back(std::move(option));
        }
        po::store(mine, values_);
    } catch (const std::exception& error) {
        throw std::invalid_argument(path + ": " + error.what());
    }
}

std::optional<int> ProgramOptions::parse(int argc, const char* const* argv) {
    try {
        po::options_description all;
        all.add(own_).add(shared_);
        const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
        po::command_line_parser parser(argc, argv);
        parser.options(all).style(style);
        if (commands_.empty())
            parser.positional(po::positional_options_description());
        const po::parsed_options parsed = parser.run();
        po::store(parsed, values_);
        for (const auto& option : parsed.options)
            given_.insert(option.string_key);
        if (values_.count("help") != 0) {
            print_help(std::cout);
            return 0;
        }
        if (values_.count("version") != 0) {
            std::cout << program_ << ' ' << version << '\n';
            return 0;
        }
        if (!commands_.empty())
            choose_command(parsed);
        read_config();
        po::notify(values_);
        common_.log_level = log_level_from("log-level", values_["log-level"].as<std::string>());
        if (!valid_instance(common_.instance))
            throw std::invalid_argument("--instance \"" + common_.instance +
                                        "\" may hold only letters, digits and _, at most " +
                                        std::to_string(max_instance_length));
    } catch (const std::exception& error) {
        return reject(error.what());
    }
    return std::nullopt;
}

int ProgramOptions::reject(std::string_view reason) const {
    std::cerr << program_ << ": " << reason << "; see " << program_ << " --help\n";
    return 2;
}

}  // namespace runtime
