#pragma once
#include <optional>
#include <string>
#include <vector>

#include "net_handler/station/robot_client.hpp"
#include "shm_wrapper/process/options.hpp"

namespace runtime::station {

/// What the station is told on its command line.
struct Settings {
    std::string address;
    int port = 0;
    std::string mode;
    double seconds = 0;
    std::vector<std::string> press;
    std::string print;
    bool json = false;
    std::string tls_authority;
    std::string tls_certificate;
    std::string tls_key;
};

/// What a script makes the robot do, and what it wants to see.
struct Orders {
    enum class Print : std::uint8_t { nothing, devices, logs };
    std::optional<RunMode> mode;
    DriverInputs inputs;
    std::optional<Nanoseconds> duration;
    Print print = Print::nothing;
    bool json = false;
};

/// Adds the station's options, which are checked while they are parsed. `settings` outlives `options`.
void add_options(ProgramOptions& options, Settings& settings);
/// Nothing: a person drives. Throws std::invalid_argument where options do not go together.
std::optional<Orders> orders_of(const Settings& settings);

/// Whether the connection is to be with TLS. Throws std::invalid_argument where a part of it is missing.
bool wants_tls(const Settings& settings);

}  // namespace runtime::station
