#include "tests/virtual_devices/commands.hpp"

#include <cmath>
#include <numbers>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tests/virtual_devices/report.hpp"

namespace runtime::virtual_devices {
namespace {

std::vector<std::string> split(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

const std::string& word(const std::vector<std::string>& words, std::size_t index, const char* what) {
    if (index >= words.size())
        throw std::runtime_error(words[0] + " needs " + what);
    return words[index];
}

double number(const std::vector<std::string>& words, std::size_t index, const char* what) {
    const auto value = to_number(word(words, index, what));
    if (!value || !std::isfinite(*value))
        throw std::runtime_error(words[0] + " needs " + what);
    return *value;
}

std::size_t parameter(const Device& device, const std::string& name) {
    const int index = device.type().find(name);
    if (index < 0)
        throw std::runtime_error(std::string(device.type().name()) + " has no parameter \"" + name + "\"");
    return static_cast<std::size_t>(index);
}

double as_number(const Device& device, std::size_t index) {
    const Value value = device.value(index);
    switch (device.type().parameters[index].kind) {
        case ParameterKind::integer:
            return value.integer();
        case ParameterKind::floating:
            return static_cast<double>(value.floating());
        case ParameterKind::boolean:
            return value.boolean() ? 1 : 0;
    }
    return 0;
}

Value from_number(ParameterKind kind, double value) {
    switch (kind) {
        case ParameterKind::integer:
            if (!(std::abs(value) < 2147483648.0))
                break;
            return Value::of(static_cast<std::int32_t>(value));
        case ParameterKind::floating:
            return Value::of(static_cast<float>(value));
        case ParameterKind::boolean:
            return {static_cast<std::uint32_t>(static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0)))};
    }
    throw std::runtime_error("the value does not fit the parameter");
}

std::vector<std::uint8_t> from_hexadecimal(const std::string& text) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto byte = to_unsigned("0x" + text.substr(i, 2));
        if (!byte || text.size() % 2 != 0)
            throw std::runtime_error("raw needs pairs of hexadecimal digits");
        bytes.push_back(static_cast<std::uint8_t>(*byte));
    }
    return bytes;
}

/// Commands that cannot be given to all devices at once.
bool wants_one_device(const std::string& command) {
    static const std::set<std::string> those{"device", "values", "writes", "frames",
                                             "motion", "await",  "set"};
    return those.contains(command);
}

void change_fault(Link& link, const std::vector<std::string>& words) {
    if (words[0] == "unplugged")
        throw std::runtime_error("use unplug and replug");
    if (const auto problem = link.change_fault(words[0], words.size() > 2 ? words[2] : ""))
        throw std::runtime_error(*problem);
}

/// What `await` can look at besides parameters. Null: no such thing.
std::function<double()> counter(Link& link, const std::string& name) {
    const auto received = [&link](std::uint64_t Received::*count) {
        return [&link, count] { return static_cast<double>(link.device().received().*count); };
    };
    if (name == "enabled")
        return [&link] { return link.device().enabled() ? 1.0 : 0.0; };
    if (name == "open")
        return [&link] { return link.host_present() ? 1.0 : 0.0; };
    if (name == "dead")
        return [&link] { return link.device().dead() ? 1.0 : 0.0; };
    if (name == "data")
        return [&link] { return static_cast<double>(link.sent().data); };
    if (name == "dropped")
        return [&link] { return static_cast<double>(link.sent().dropped); };
    if (name == "pings")
        return received(&Received::pings);
    if (name == "writes")
        return received(&Received::writes);
    if (name == "resets")
        return received(&Received::resets);
    if (name == "bad_frames")
        return received(&Received::bad_frames);
    return nullptr;
}

std::function<bool(double)> comparison(const std::string& sign, double value) {
    // Written FLOATs arrive as binary32: 0.1 asked for is 0.1 there.
    const auto single = static_cast<double>(static_cast<float>(value));
    const auto equal = [value, single](double x) { return x == value || x == single; };
    if (sign == "==")
        return equal;
    if (sign == "!=")
        return [equal](double x) { return !equal(x); };
    if (sign == "<")
        return [value](double x) { return x < value; };
    if (sign == ">")
        return [value](double x) { return x > value; };
    if (sign == "<=")
        return [value](double x) { return x <= value; };
    if (sign == ">=")
        return [value](double x) { return x >= value; };
    throw std::runtime_error("\"" + sign + "\" is not ==, !=, <, >, <= or >=");
}

}  // namespace

std::optional<std::string> Commands::execute(const std::string& line, Nanoseconds time) {
    try {
        const Words words = split(line);
        if (words.empty())
            return "error an empty line is no command";
        const std::string text = answer(words, line, time);
        if (awaited_)
            return poll(time);
        return text.empty() ? "ok" : "ok " + text;
    } catch (const std::exception& error) {
        return std::string("error ") + error.what();
    }
}

std::optional<std::string> Commands::poll(Nanoseconds time) {
    if (!awaited_)
        return std::nullopt;
    const double value = awaited_->measure();
    const bool holds = awaited_->holds(value);
    if (!holds && time < awaited_->until)
        return std::nullopt;
    awaited_.reset();
    std::ostringstream text;
    text << (holds ? "ok " : "error it is still ") << value;
    if (holds)
        text << ' ' << time;
    return text.str();
}

std::string Commands::answer(const Words& words, const std::string& line, Nanoseconds time) {
    const std::string& name = words[0];
    if (name == "list")
        return describe_all(simulation_);
    if (name == "world")
        return world_of(simulation_.world());
    if (name == "place") {
        simulation_.world().place({number(words, 1, "x, y and heading"), number(words, 2, "x, y and heading"),
                                   number(words, 3, "x, y and heading") * std::numbers::pi / 180});
        return {};
    }
    if (name == "battery") {
        simulation_.world().charge(number(words, 1, "volts") / 3);
        return {};
    }
    if (name == "quit") {
        quit_ = true;
        return {};
    }
    if (word(words, 1, "a device") == "all") {
        if (wants_one_device(name))
            throw std::runtime_error(name + " needs one device");
        for (std::size_t i = 0; i < simulation_.links().size(); ++i)
            answer_about(i, words, line, time);
        return {};
    }
    return answer_about(find_link(words[1]), words, line, time);
}

std::string Commands::answer_about(std::size_t index, const Words& words, const std::string& line,
                                   Nanoseconds time) {
    Link& link = simulation_.links()[index];
    const std::string& name = words[0];
    if (name == "device")
        return describe(link, index);
    if (name == "values")
        return values_of(link.device());
    if (name == "writes")
        return writes_of(link.device());
    if (name == "frames")
        return frames_of(link);
    if (name == "motion")
        return motion_of(link);
    if (name == "set")
        return set_value(link, words);
    if (name == "await") {
        await(link, words, time);
    } else if (name == "unplug") {
        link.unplug();
    } else if (name == "replug") {
        if (words.size() > 2 && words[1] != "all")
            simulation_.plug(index, words[2], time);
        else
            simulation_.plug(index, time);
    } else if (name == "power-cycle") {
        link.power_cycle();
    } else if (name == "reset") {
        link.reset_device();
    } else if (name == "raw") {
        link.write_raw(from_hexadecimal(word(words, 2, "bytes in hexadecimal")));
    } else if (name == "say") {
        link.device().say(
            line.substr(line.find(word(words, 2, "a text"), line.find(words[1]) + words[1].size())));
    } else {
        change_fault(link, words);
    }
    return {};
}

std::string Commands::set_value(Link& link, const Words& words) const {
    Device& device = link.device();
    const std::size_t index = parameter(device, word(words, 2, "a parameter"));
    if (word(words, 3, "a value, or -") == "-") {
        device.pretend(index, std::nullopt);
    } else {
        const auto value = to_number(words[3]);
        if (!value)
            throw std::runtime_error("set needs a number");
        device.pretend(index, from_number(device.type().parameters[index].kind, *value));
    }
    return {};
}

void Commands::await(Link& link, const Words& words, Nanoseconds time) {
    auto measure = counter(link, word(words, 2, "a parameter or counter"));
    if (!measure) {
        const std::size_t index = parameter(link.device(), words[2]);
        measure = [&link, index] { return as_number(link.device(), index); };
    }
    auto holds = comparison(word(words, 3, "a comparison"), number(words, 4, "a value"));
    const double limit = words.size() > 5 ? number(words, 5, "milliseconds") : 20'000;
    awaited_ = Awaited{std::move(measure), std::move(holds),
                       time + static_cast<Nanoseconds>(limit * static_cast<double>(millisecond))};
}

std::size_t Commands::find_link(const std::string& name) const {
    auto& links = simulation_.links();
    if (const auto index = to_unsigned(name); index && *index < links.size())
        return *index;
    for (std::size_t i = 0; i < links.size(); ++i) {
        const Device& device = links[i].device();
        if (name == std::to_string(device.type().number) + "_" + std::to_string(device.identity().uid))
            return i;
    }
    throw std::runtime_error("there is no device \"" + name + "\"");
}

}  // namespace runtime::virtual_devices
