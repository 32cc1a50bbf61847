#include "shm_wrapper/runtime/settings.hpp"

#include <stdexcept>

namespace runtime::overview {
namespace {

namespace po = boost::program_options;

/// As many seconds as there are nanoseconds to count, and more than any robot runs.
constexpr double longest_since = 1e9;

}  // namespace

void add_options(ProgramOptions& options, Settings& settings) {
    const auto since = [](double value) {
        if (!(value > 0 && value <= longest_since))
            throw std::invalid_argument("--since must be above 0 and at most 1000000000");
    };
    options.add_commands(settings.command,
                         {{"status", "the whole robot at one look; exit status 1 if something is wrong"},
                          {"watch", "the same live, on a terminal"},
                          {"logs", "all processes' logs in the order of time, also after a crash"},
                          {"devices", "a line a device: values and link statistics"}});
    options.add()  //
        ("json", po::bool_switch(&settings.json),
         "status, devices, logs: JSON, one object a line")  //
        ("follow,f", po::bool_switch(&settings.follow),
         "logs: go on with what comes, until interrupted")  //
        ("level", po::value(&settings.level)->value_name("LEVEL")->notifier([](const auto& level) {
            log_level_from("level", level);
        }),
         "logs: lines of this level and graver")  //
        ("since", po::value(&settings.since)->value_name("SECONDS")->notifier(since),
         "logs: lines of the last so many seconds");
}

void check(const ProgramOptions& options, const Settings& settings) {
    const bool for_logs = options.given("follow") || options.given("level") || options.given("since");
    if (settings.command != "logs" && for_logs)
        throw std::invalid_argument("--follow, --level and --since are for runtime logs");
    if (settings.command == "watch" && options.given("json"))
        throw std::invalid_argument("--json is not for runtime watch; runtime status has it");
}

LogOrders log_orders_of(const Settings& settings, Nanoseconds time) {
    LogOrders orders;
    if (!settings.level.empty())
        orders.filter.level = log_level_from("level", settings.level);
    if (settings.since != 0)
        orders.filter.since = time - static_cast<Nanoseconds>(settings.since * static_cast<double>(second));
    orders.json = settings.json;
    orders.follow = settings.follow;
    return orders;
}

}  // namespace runtime::overview
