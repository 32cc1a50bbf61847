/// dev_handler on real USB serial ports: runs inside the virtual machine that real_ports.sh makes, as an
/// ordinary user of the group dialout.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/real_ports/heartbeat_watch.hpp"
#include "tests/real_ports/udev_view.hpp"
#include "tests/real_ports/usb_ports.hpp"
#include "tests/scenario/dev_handler/upper_daemons.hpp"
#include "tests/support/virtual_devices.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

constexpr std::uint8_t koala_bear = 6;
constexpr std::size_t velocity_a = 0;
constexpr int replugs = 100;
constexpr std::size_t most_at_once = 6;
/// A close that waits for a device that does not read takes 31 s in the kernel. What does not wait takes
/// milliseconds, here some more.
constexpr Nanoseconds blocked = 10 * second;
/// The part of a processor that a loop which spins would take; the idle one takes a tenth of it, emulated.
constexpr double spinning = 0.5;

const std::vector<std::string> ports{"acm0", "acm1", "acm2", "acm3", "ftdi0", "ftdi1", "ftdi2", "ftdi3"};

/// Of a KoalaBear, to make the frames long.
const wire::ValueMap everything{
    {0, Value::of(0.25F).bits}, {1, 0}, {2, 0},  {3, 0},  {4, 0},  {5, 0},  {6, 0},
    {8, Value::of(0.75F).bits}, {9, 0}, {10, 0}, {11, 0}, {12, 0}, {13, 0}, {14, 0}};

std::vector<std::string> device_options() {
    // An emulated machine moves about a thousand frames a second.
    std::vector<std::string> options{"--data-hz", "20"};
    for (const auto& port : ports)
        options.insert(options.end(), {"--attach", UsbPorts::device_side(port)});
    return options;
}

struct Field {
    Robot robot;
    UpperDaemons upper{robot.instance()};
    UsbPorts usb;
    VirtualDevices devices{robot, std::vector<std::string>(ports.size(), "KoalaBear"), device_options()};
    Process daemon = started();
    std::array<float, 8> speeds{};

    Process started() const {
        Process process = robot.start("dev_handler");
        if (!process.wait_for_output("ready"))
            throw std::runtime_error("dev_handler did not start: " + process.output());
        return process;
    }

    static std::uint64_t uid(std::size_t device) { return device + 1; }
    std::size_t slot(std::size_t device) { return upper.slot_of(koala_bear, uid(device)); }
    bool connected(std::size_t device) const { return upper.connected(koala_bear, uid(device)); }
    DeviceIdentity identity(std::size_t device) {
        return upper.devices().slots[slot(device)].identity.read();
    }
    std::string tty(std::size_t device) { return identity(device).port.data(); }
    LinkStatistics statistics(std::size_t device) {
        return upper.devices().slots[slot(device)].statistics.read();
    }
    double velocity(std::size_t device) {
        return devices.ask("values " + std::to_string(device)).at("velocity_a").get<double>();
    }

    /// Commands a motor as student code does, again and again: a slow machine may close the gate for a
    /// moment.
    void drive(std::size_t device, float speed) {
        speeds[device] = speed;
        const std::string wanted = "velocity_a == " + std::to_string(speed);
        INFO(ports[device] << ", " << wanted);
        REQUIRE(wait_until([&] {
            upper.command(slot(device), velocity_a, Value::of(speed));
            return devices.await(device, wanted, 200ms) != 0;
        }));
    }
    void unplug(std::size_t device) {
        const std::string quiet = "unplug " + std::to_string(device);
        if (UsbPorts::must_be_quiet(ports[device]))
            devices.command(quiet);
        usb.unplug(ports[device]);
        INFO(ports[device] << " is unplugged");
        REQUIRE(upper.wait_for_devices([&] { return !connected(device); }));
        if (!UsbPorts::must_be_quiet(ports[device]))
            devices.command(quiet);
    }
    void plug(std::size_t device) {
        devices.command("replug " + std::to_string(device));
        usb.plug(ports[device]);
    }
    /// The device is back and stands still, also if somebody still commands the connection that it had
    /// before.
    void check_reconnected(std::size_t device, std::uint32_t earlier_generation) {
        INFO(ports[device] << " is plugged again");
        const DeviceIdentity back = identity(device);
        REQUIRE(back.generation > earlier_generation);
        const auto refused = statistics(device).writes_refused;
        REQUIRE(wait_until([&] {
            upper.command(slot(device), velocity_a, Value::of(0.9F), upper.run_id(), earlier_generation);
            return statistics(device).writes_refused > refused;
        }));
        REQUIRE(devices.await(device, "writes >= 1") != 0);
        REQUIRE(velocity(device) == 0);
    }
    /// Commands a device that does not read, until its port takes nothing more. The device resets itself when
    /// it has heard nothing for a second: on a slow machine that may come first, and it is done again.
    void stop_reading(std::size_t device) {
        const std::string name = std::to_string(device);
        REQUIRE(wait_until([&] {
            drive(device, 0.5F);
            const std::size_t place = slot(device);
            const auto& link = upper.devices().slots[place].statistics;
            const auto coalesced = link.read().writes_coalesced;
            devices.command("stop-reading " + name);
            bool full = false;
            while (!full && connected(device)) {
                upper.command(place, everything);
                full = link.read().writes_coalesced > coalesced + 20;
            }
            if (!full)
                devices.command("stop-reading " + name + " off");
            return full;
        }));
    }

    bool has_open(const std::string& path) const {
        const std::filesystem::directory_iterator all("/proc/" + std::to_string(daemon.pid()) + "/fd");
        return std::any_of(begin(all), end(all), [&](const auto& entry) {
            std::error_code error;
            return std::filesystem::read_symlink(entry.path(), error).string() == path;
        });
    }
    std::size_t descriptors() const {
        std::size_t count = 0;
        for (const auto& entry :
             std::filesystem::directory_iterator("/proc/" + std::to_string(daemon.pid()) + "/fd")) {
            const std::string target = std::filesystem::read_symlink(entry.path()).string();
            INFO(target);
            CHECK(target.find("(deleted)") == std::string::npos);
            ++count;
        }
        return count;
    }
    double cpu_seconds() const {
        std::ifstream stat("/proc/" + std::to_string(daemon.pid()) + "/stat");
        std::string field;
        double seconds = 0;
        for (int i = 1; i <= 15 && stat >> field; ++i)
            if (i >= 14)
                seconds += std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK));
        return seconds;
    }
    /// The part of a processor that dev_handler takes while it beats `beats` times.
    double load(int beats) const {
        const auto& heartbeat = upper.devices().header.heartbeat;
        const double used = cpu_seconds();
        const Nanoseconds begin = now();
        for (int i = 0; i < beats; ++i) {
            const Nanoseconds seen = heartbeat;
            REQUIRE(wait_until([&] { return heartbeat != seen; }));
        }
        return (cpu_seconds() - used) / (static_cast<double>(now() - begin) / 1e9);
    }
    bool ports_are_the_first() {
        std::set<std::string> names;
        for (std::size_t device = 0; device < ports.size(); ++device)
            names.insert(tty(device));
        return names == std::set<std::string>{"/dev/ttyACM0", "/dev/ttyACM1", "/dev/ttyACM2", "/dev/ttyACM3",
                                              "/dev/ttyUSB0", "/dev/ttyUSB1", "/dev/ttyUSB2", "/dev/ttyUSB3"};
    }
};

/// One line of the report, with the seconds since the guest started.
void say(const std::string& text) {
    std::cout << now() / second << " s: " << text << std::endl;
}

/// Unplugs some ports at once, in random order, and plugs them again, in another.
int replug_some(Field& field, std::mt19937& random) {
    std::vector<std::size_t> order(ports.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    order.resize(std::uniform_int_distribution<std::size_t>(1, most_at_once)(random));
    std::map<std::size_t, std::uint32_t> generations;
    for (const std::size_t device : order) {
        generations[device] = field.identity(device).generation;
        field.unplug(device);
    }
    // The others go on as if nothing had happened.
    for (std::size_t device = 0; device < ports.size(); ++device)
        if (!generations.contains(device))
            field.drive(device, -field.speeds[device]);
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t device : order)
        field.plug(device);
    for (const std::size_t device : order) {
        field.check_reconnected(device, generations[device]);
        field.drive(device, 0.5F);
    }
    return static_cast<int>(order.size());
}

/// The bridges were asked to hand on each byte at once: the driver's 16 ms have become its least.
void check_low_latency(Field& field) {
    int bridges = 0;
    for (std::size_t device = 0; device < ports.size(); ++device) {
        const std::string name = field.tty(device).substr(std::string("/dev/").size());
        std::ifstream file("/sys/bus/usb-serial/devices/" + name + "/latency_timer");
        int timer_ms = 0;
        if (!(file >> timer_ms))
            continue;
        ++bridges;
        CHECK(timer_ms == 1);
    }
    CHECK(bridges == 4);
}

/// The package's udev rules. Returns the names of the sockets, by the device.
std::vector<std::string> check_udev_rules(Field& field) {
    std::vector<std::string> sockets;
    for (std::size_t device = 0; device < ports.size(); ++device) {
        const std::string tty = field.tty(device);
        INFO(ports[device] << " is " << tty);
        // udev may still be at it.
        REQUIRE(wait_until([&] { return udev_view::socket_names(tty).size() == 1; }));
        sockets.push_back(udev_view::socket_names(tty).front());
        CHECK(udev_view::group(tty) == "dialout");
        CHECK(udev_view::mode(tty) == 0660);
        CHECK(udev_view::has_property(tty, "ID_MM_DEVICE_IGNORE=1"));
    }
    CHECK(std::set<std::string>(sockets.begin(), sockets.end()).size() == ports.size());
    return sockets;
}

void check_that_names_may_change(Field& field, std::size_t one, std::size_t other) {
    if (field.tty(one) > field.tty(other))
        std::swap(one, other);
    const std::string low = field.tty(one);
    const std::string high = field.tty(other);
    const std::size_t slot = field.slot(one);
    const std::uint32_t generation = field.identity(one).generation;
    field.unplug(one);
    field.unplug(other);
    // The first one gets the first name that is free.
    field.plug(other);
    REQUIRE(field.tty(other) == low);
    field.plug(one);
    REQUIRE(field.tty(one) == high);
    CHECK(field.slot(one) == slot);
    field.check_reconnected(one, generation);
    field.drive(one, 0.5F);
    field.drive(other, 0.5F);
}

/// dev_handler gives up a silent device whose port still holds what it did not read.
void check_close_of_unread_port(Field& field, std::size_t device, const HeartbeatWatch& heartbeats) {
    const std::string tty = field.tty(device);
    const std::uint32_t generation = field.identity(device).generation;
    field.stop_reading(device);
    CHECK(field.load(20) < spinning);
    // It resets itself, for want of PINGs, and then answers none.
    REQUIRE(field.daemon.wait_for_output("nothing answers on " + tty));
    const Nanoseconds given_up = now();
    REQUIRE(wait_until([&] { return !field.has_open(tty); }));
    // It is opened again soon afterwards, which must wait neither for the close nor for the device.
    REQUIRE(wait_until([&] { return field.has_open(tty); }));
    CHECK(now() - given_up < blocked);
    const auto& heartbeat = field.upper.devices().header.heartbeat;
    const Nanoseconds later = now() + 3 * second;
    REQUIRE(wait_until([&] { return heartbeat > later; }));
    CHECK(heartbeats.longest() < blocked);
    field.drive(device == 0 ? 1 : 0, -0.5F);
    field.devices.command("stop-reading " + std::to_string(device) + " off");
    // First it reads the commands that had reached it; then it is stopped.
    field.slot(device);
    REQUIRE(field.devices.await(device, "velocity_a == 0") != 0);
    field.check_reconnected(device, generation);
    field.drive(device, 0.5F);
}

}  // namespace

TEST_CASE("dev_handler keeps up with real USB serial ports") {
    const char* text = std::getenv("seed");
    const auto seed = static_cast<unsigned>(text != nullptr ? std::stoul(text) : 1);
    say("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    REQUIRE(getuid() != 0);

    Field field;
    try {
        const Nanoseconds begin = now();
        field.upper.start_run();
        for (std::size_t device = 0; device < ports.size(); ++device)
            field.drive(device, 0.5F);
        const HeartbeatWatch heartbeats(field.upper.devices().header.heartbeat);
        const std::size_t descriptors = field.descriptors();
        say("8 motors run");
        check_low_latency(field);
        const auto sockets = check_udev_rules(field);

        for (int done = 0; done < replugs;) {
            done += replug_some(field, random);
            // An old descriptor that is still open would cost its port the name.
            REQUIRE(field.ports_are_the_first());
            CHECK(field.descriptors() == descriptors);
        }
        say("replugged " + std::to_string(replugs) + " times");
        check_that_names_may_change(field, 0, 1);
        check_that_names_may_change(field, 4, 5);
        CHECK(check_udev_rules(field) == sockets);
        say("renamed");
        check_close_of_unread_port(field, 2, heartbeats);
        say("closed while the device did not read");

        for (std::size_t device = 0; device < ports.size(); ++device)
            field.unplug(device);
        CHECK(field.descriptors() == descriptors - ports.size());
        const double load = field.load(100);
        say("load with no port: " + std::to_string(load));
        CHECK(load < spinning);
        for (std::size_t device = 0; device < ports.size(); ++device)
            field.plug(device);
        for (std::size_t device = 0; device < ports.size(); ++device) {
            field.drive(device, 0.5F);
            REQUIRE(field.statistics(device).frames_received > 0);
        }
        CHECK(field.descriptors() == descriptors);
        field.upper.stop_run();
        for (std::size_t device = 0; device < ports.size(); ++device)
            REQUIRE(field.devices.await(device, "velocity_a == 0") != 0);
        const double whole = field.cpu_seconds() / (static_cast<double>(now() - begin) / 1e9);
        say("load over all: " + std::to_string(whole) +
            ", longest pause of the loop: " + std::to_string(heartbeats.longest() / millisecond) + " ms");
        CHECK(heartbeats.longest() < blocked);
    } catch (...) {
        say(field.daemon.output());
        throw;
    }
    SECTION("and ends at once, also while a device does not read, whoever ends it") {
        field.upper.start_run();
        const auto check_end = [&field](std::size_t device, int number, int expected_status) {
            field.stop_reading(device);
            const Nanoseconds ended = now();
            field.daemon.signal(number);
            CHECK(field.daemon.wait() == expected_status);
            const Nanoseconds taken = now() - ended;
            say("ended by signal " + std::to_string(number) + " after " +
                std::to_string(taken / millisecond) + " ms");
            CHECK(taken < blocked);
        };
        // Without prepare_port a crash, but not each one, waits for the device.
        for (const int number : {SIGKILL, SIGSEGV, SIGSEGV, SIGSEGV, SIGSEGV}) {
            check_end(3, number, 128 + number);
            field.daemon = field.started();
            field.devices.command("stop-reading 3 off");
        }
        check_end(2, SIGTERM, 0);
    }
}
