#pragma once
#include <string>

#include "shm_wrapper/process/options.hpp"
#include "shm_wrapper/runtime/log_output.hpp"

namespace runtime::overview {

/// What the program is told on its command line.
struct Settings {
    std::string command;
    bool json = false;
    bool follow = false;
    std::string level;
    double since = 0;
};

/// Adds the commands and options. `settings` outlives `options`.
void add_options(ProgramOptions& options, Settings& settings);
/// Throws std::invalid_argument where options of the command line do not go together with the command. Those
/// of the configuration file are for the commands that know them.
void check(const ProgramOptions& options, const Settings& settings);
/// For the command `logs`, at this time.
LogOrders log_orders_of(const Settings& settings, Nanoseconds time);

}  // namespace runtime::overview
