#include "net_handler/station/settings.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "net_handler/station/key_names.hpp"

namespace runtime::station {
namespace {

namespace po = boost::program_options;

constexpr double longest_seconds = 86400;

constexpr std::array<std::pair<std::string_view, RunMode>, 3> modes{
    {{"idle", RunMode::idle}, {"auto", RunMode::autonomous}, {"teleop", RunMode::teleop}}};

RunMode mode_from(const std::string& text) {
    for (const auto& [name, mode] : modes)
        if (text == name)
            return mode;
    throw std::invalid_argument("--mode \"" + text + "\" is not auto, teleop or idle");
}

Orders::Print print_from(const std::string& text) {
    if (text == "devices")
        return Orders::Print::devices;
    if (text == "logs")
        return Orders::Print::logs;
    throw std::invalid_argument("--print \"" + text + "\" is not devices or logs");
}

DriverInputs inputs_from(const std::vector<std::string>& names) {
    DriverInputs inputs;
    for (const auto& name : names) {
        if (const auto key = key_bit(name)) {
            inputs.keys |= std::uint64_t{1} << *key;
        } else if (const auto button = button_bit(name)) {
            if (!inputs.gamepad)
                inputs.gamepad = DriverInputs::Gamepad{};
            inputs.gamepad->buttons |= std::uint64_t{1} << *button;
        } else {
            throw std::invalid_argument(
                "--press \"" + name +
                "\" is not a key, such as w or left_arrow, or a button, such as button_a");
        }
    }
    return inputs;
}

}  // namespace

void add_options(ProgramOptions& options, Settings& settings) {
    const auto port = [](int value) {
        if (value < 1 || value > 65535)
            throw std::invalid_argument("--port must be from 1 to 65535");
    };
    const auto seconds = [](double value) {
        if (!(value > 0 && value <= longest_seconds))
            throw std::invalid_argument("--seconds must be above 0 and at most 86400");
    };
    options.add()  //
        ("address", po::value(&settings.address)->default_value("robot.local")->value_name("HOST"),
         "the robot's address or name")  //
        ("port", po::value(&settings.port)->default_value(8101)->value_name("N")->notifier(port),
         "the robot's TCP port")  //
        ("mode", po::value(&settings.mode)->value_name("MODE")->notifier([](const auto& m) { mode_from(m); }),
         "without a person: start auto or teleop; idle stops the robot")  //
        ("seconds", po::value(&settings.seconds)->value_name("S")->notifier(seconds),
         "without a person: for this long; without it until interrupted")  //
        ("press",
         po::value(&settings.press)
             ->multitoken()
             ->composing()
             ->value_name("NAME…")
             ->notifier([](const auto& p) { inputs_from(p); }),
         "without a person: hold these keys (w, left_arrow …) and buttons of a gamepad (button_a …)")  //
        ("print",
         po::value(&settings.print)->value_name("WHAT")->notifier([](const auto& p) { print_from(p); }),
         "without a person: print devices (once, or ten times a second for --seconds) or logs")  //
        ("json", po::bool_switch(&settings.json), "print one JSON object a line")                //
        ("tls-ca", po::value(&settings.tls_authority)->value_name("FILE"),
         "connect with TLS: the authority that has made the robot's certificate (PEM)")  //
        ("tls-certificate", po::value(&settings.tls_certificate)->value_name("FILE"),
         "this station's certificate for TLS")  //
        ("tls-key", po::value(&settings.tls_key)->value_name("FILE"), "the key of that certificate");
}

std::optional<Orders> orders_of(const Settings& settings) {
    if (settings.json && settings.print.empty())
        throw std::invalid_argument("--json needs --print devices or --print logs");
    if (settings.mode.empty() && settings.seconds == 0 && settings.press.empty() && settings.print.empty())
        return std::nullopt;
    Orders orders;
    if (!settings.mode.empty())
        orders.mode = mode_from(settings.mode);
    orders.inputs = inputs_from(settings.press);
    if (settings.seconds > 0)
        orders.duration = static_cast<Nanoseconds>(settings.seconds * static_cast<double>(second));
    if (!settings.print.empty())
        orders.print = print_from(settings.print);
    orders.json = settings.json;
    return orders;
}

bool wants_tls(const Settings& settings) {
    const int given = static_cast<int>(!settings.tls_authority.empty()) +
                      static_cast<int>(!settings.tls_certificate.empty()) +
                      static_cast<int>(!settings.tls_key.empty());
    if (given != 0 && given != 3)
        throw std::invalid_argument("--tls-ca, --tls-certificate and --tls-key go together");
    return given != 0;
}

}  // namespace runtime::station
