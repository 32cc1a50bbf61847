#include "shm_wrapper/process/options.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <utility>

#include "shm_wrapper/process/version.hpp"

namespace po = boost::program_options;

namespace runtime {
namespace {

constexpr const char* default_config = "/etc/runtime/runtime.conf";

LogLevel level_from(const std::string& text) {
    if (text == "debug")
        return LogLevel::debug;
    if (text == "info")
        return LogLevel::info;
    if (text == "warning")
        return LogLevel::warning;
    if (text == "error")
        return LogLevel::error;
    throw std::invalid_argument("--log-level \"" + text + "\" is not debug, info, warning or error");
}

}  // namespace

ProgramOptions::ProgramOptions(std::string program, std::string description)
    : program_(std::move(program)),
      description_(std::move(description)),
      own_("Options of " + program_),
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

void ProgramOptions::print_help(std::ostream& out) const {
    out << program_ << ": " << description_ << "\n\n";
    if (!own_.options().empty())
        out << own_ << '\n';
    out << shared_;
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
        po::store(po::command_line_parser(argc, argv)
                      .options(all)
                      .style(style)
                      .positional(po::positional_options_description())
                      .run(),
                  values_);
        if (values_.count("help") != 0) {
            print_help(std::cout);
            return 0;
        }
        if (values_.count("version") != 0) {
            std::cout << program_ << ' ' << version << '\n';
            return 0;
        }
        read_config();
        po::notify(values_);
        common_.log_level = level_from(values_["log-level"].as<std::string>());
        if (!valid_instance(common_.instance))
            throw std::invalid_argument("--instance \"" + common_.instance +
                                        "\" may hold only letters, digits and _, at most " +
                                        std::to_string(max_instance_length));
    } catch (const std::exception& error) {
        std::cerr << program_ << ": " << error.what() << "; see " << program_ << " --help\n";
        return 2;
    }
    return std::nullopt;
}

}  // namespace runtime
