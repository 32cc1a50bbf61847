// A crowd of 32 devices, half of them with bad lines and half of them coming and going, while motors are
// commanded. RUNTIME_SOAK_SECONDS says for how long, RUNTIME_SOAK_SEED repeats a run.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "shm_wrapper/futex.hpp"
#include "tests/scenario/dev_handler/upper_daemons.hpp"
#include "tests/support/process_table.hpp"
#include "tests/support/robot.hpp"
#include "tests/support/sanitizer.hpp"
#include "tests/support/virtual_devices.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

constexpr std::size_t crowd = 32;
constexpr std::size_t steady_crowd = 16;  // the first ones: their lines are bad, but they stay plugged in
constexpr std::uint8_t steady_type = 40;
constexpr std::uint8_t loose_type = 41;
/// Nothing ends a connection to a steady one, which has no watchdog either, so that each of its frames can be
/// accounted for however slow the machine.
const std::string motor_descriptions = R"(
device_types {
  number: 40
  name: "SteadyMotor"
  extra_silence_ms: 600000
  parameters { name: "velocity" kind: FLOAT read: true write: true stop: true }
  parameters { name: "encoder" kind: INT read: true }
}
device_types {
  number: 41
  name: "LooseMotor"
  parameters { name: "velocity" kind: FLOAT read: true write: true stop: true }
  parameters { name: "encoder" kind: INT read: true }
}
)";
constexpr Nanoseconds step = 20 * millisecond;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

std::vector<std::string> devices_of_the_crowd() {
    std::vector<std::string> devices;
    for (std::size_t i = 0; i < crowd; ++i)
        devices.push_back(i < steady_crowd ? "SteadyMotor:" + std::to_string(i + 1) + "@no-watchdog"
                                           : "LooseMotor:" + std::to_string(i + 1));
    return devices;
}

std::uint8_t type_of(std::size_t device) {
    return device < steady_crowd ? steady_type : loose_type;
}

class Soak {
  public:
    explicit Soak(std::uint64_t seed) : random_(seed) {
        REQUIRE(daemon_.wait_for_output("ready"));
        await_everybody();
    }

    /// Steps of chaos until the time is over.
    void go_on_until(Nanoseconds end) {
        while (now() < end) {
            for (int i = 0; i < 3; ++i)
                command_a_motor();
            if (chance(0.5))
                trouble_a_line(steady_crowd);
            else
                trouble_a_loose_device();
            if (chance(0.02))
                stop_everything();
            else if (chance(0.05))
                upper_.start_run();
            pause();
        }
    }

    /// Ends all troubles, and waits until every device works.
    void calm_down() {
        for (const char* fault : {"corruption", "silence", "stop-reading", "flood", "wrong-checksum",
                                  "unknown-type", "boot-silence", "stall"})
            devices_.command(std::string(fault) + " all off");
        for (std::size_t i = steady_crowd; i < crowd; ++i) {
            // However often its line was given up before: one that is plugged in is asked at once.
            devices_.command("unplug " + std::to_string(i));
            counted_[i] = sent_by(i);
            devices_.command("replug " + std::to_string(i));
        }
        await_everybody();
    }

    /// After calm_down(). The chaos may have ended each of its silences too early for that.
    void lose_a_device_by_silence() {
        const std::size_t device = any(steady_crowd, crowd - 1);
        INFO("device " << device);
        devices_.command("silence " + std::to_string(device));
        REQUIRE(upper_.wait_for_devices([&] { return !upper_.connected(loose_type, device + 1); }));
        devices_.command("silence " + std::to_string(device) + " off");
        await_everybody();
    }

    void stop_everything() {
        upper_.stop_run();
        for (std::size_t i = 0; i < steady_crowd; ++i) {
            devices_.command("stop-reading " + std::to_string(i) + " off");
            INFO("device " << i);
            REQUIRE(devices_.await(i, "velocity == 0") != 0);
        }
        upper_.start_run();
    }

    /// After calm_down(): troubles every line once more, and compares what each device has sent with what
    /// dev_handler says it received: of a steady one since the beginning, of a loose one since calm_down(),
    /// unless it was lost meanwhile.
    void account_for_every_frame() {
        for (int i = 0; i < 100; ++i) {
            trouble_a_line(crowd);
            command_a_motor();
            pause();
        }
        devices_.command("flood all off");
        devices_.command("silence all");
        std::array<bool, crowd> stayed{};
        for (std::size_t i = 0; i < crowd; ++i)
            stayed[i] = stayed_connected(i);
        std::uint64_t all_corrupted = 0;
        for (std::size_t i = 0; i < crowd; ++i) {
            CAPTURE(i);
            if (i < steady_crowd)
                REQUIRE(stayed[i]);
            if (stayed[i])
                all_corrupted += account_for_frames_of(i);
        }
        CHECK(all_corrupted > 0);
        devices_.command("silence all off");
        devices_.command("corruption all off");
    }

    std::size_t descriptors() const { return open_descriptors(daemon_.pid()); }
    double resident_mebibytes() const { return mebibytes_of(daemon_.pid(), "VmRSS"); }

    Process& daemon() { return daemon_; }

  private:
    /// What a device has sent since the program that simulates it began.
    struct Sent {
        std::uint64_t whole = 0;
        std::uint64_t corrupted = 0;
        std::uint64_t truncated = 0;
        std::uint64_t acknowledgements = 0;
    };
    Sent sent_by(std::size_t device) {
        const auto frames = devices_.ask("frames " + std::to_string(device));
        CAPTURE(device, frames.dump());
        CHECK(frames["received"]["bad_frames"] == 0);
        const auto& sent = frames["sent"];
        return {sent["frames"], sent["corrupted"], sent["truncated"], sent["acknowledgements"]};
    }

    /// How many of its frames were corrupted. It sends nothing any more.
    std::uint64_t account_for_frames_of(std::size_t device) {
        const Sent sent = sent_by(device);
        const std::uint64_t whole = sent.whole - counted_[device].whole;
        const std::uint64_t corrupted = sent.corrupted - counted_[device].corrupted;
        const std::uint64_t truncated = sent.truncated - counted_[device].truncated;
        CAPTURE(whole, corrupted, truncated);
        const auto& cell = upper_.devices().slots[slots_[device]].statistics;
        REQUIRE(wait_until([&] { return cell.read().frames_received >= whole; }));
        const LinkStatistics end = cell.read();
        const std::uint64_t errors = end.bad_checksums + end.bad_frames + end.bad_messages + end.resyncs;
        CAPTURE(end.frames_received, errors);
        // A corrupted frame may by chance have the right checksum: one in 256 where bytes have moved.
        CHECK(end.frames_received <= whole + corrupted + truncated);
        // Two spoilt frames in a row are one error where the first tells too great a length and the second
        // has lost its delimiter: about one in ten thousand.
        CHECK(end.frames_received + errors + corrupted / 100 + 1 >= whole + corrupted);
        return corrupted;
    }

    /// Whether it has one and the same connection since counted_.
    bool stayed_connected(std::size_t device) {
        const DeviceIdentity identity = upper_.devices().slots[slots_[device]].identity.read();
        return identity.connected && identity.uid == device + 1 &&
               sent_by(device).acknowledgements == counted_[device].acknowledgements + 1;
    }

    void pause() {
        static const std::atomic<std::uint32_t> never{0};
        futex::wait(never, 0, now() + step);
        REQUIRE(daemon_.running());
    }

    bool chance(double part) { return std::bernoulli_distribution(part)(random_); }
    std::size_t any(std::size_t first, std::size_t last) {
        return std::uniform_int_distribution<std::size_t>(first, last)(random_);
    }

    void await_everybody() {
        for (std::size_t i = 0; i < crowd; ++i) {
            INFO("device " << i);
            const Nanoseconds before = now();
            REQUIRE(upper_.wait_for_devices([&] {
                slots_[i] = upper_.slot_of(type_of(i), i + 1);
                return upper_.devices().slots[slots_[i]].data.read().time > before;
            }));
        }
    }

    void command_a_motor() {
        const std::size_t slot = any(0, max_devices - 1);
        upper_.command(slot, 0, Value::of(std::uniform_real_distribution<float>(-1, 1)(random_)));
    }

    /// Of one of the first `count` devices. Silence would end the connection of a loose one.
    void trouble_a_line(std::size_t count) {
        const std::size_t number = any(0, count - 1);
        const std::string device = " " + std::to_string(number);
        switch (any(0, 6)) {
            case 0:
                devices_.command("corruption" + device + " " + std::to_string(0.01 * double(any(1, 30))));
                break;
            case 1:
                devices_.command("corruption" + device + " off");
                break;
            case 2:
                if (number < steady_crowd)
                    devices_.command("silence" + device);
                break;
            case 3:
                devices_.command("silence" + device + " off");
                break;
            case 4:
                devices_.command("flood all off");
                devices_.command("flood" + device);
                break;
            case 5:
                devices_.command("flood all off");
                break;
            default:
                devices_.command("say" + device + " it is " + std::to_string(any(0, 1000)));
        }
    }

    void trouble_a_loose_device() {
        const std::size_t number = any(steady_crowd, crowd - 1);
        const std::string device = " " + std::to_string(number);
        static const char* const faults[] = {"corruption", "silence",      "stop-reading",
                                             "flood",      "unknown-type", "wrong-checksum"};
        switch (any(0, 7)) {
            case 0:
            case 1:
                devices_.command("unplug" + device);
                break;
            case 2:
                devices_.command("replug" + device);
                break;
            case 3:
                devices_.command("unplug" + device);
                devices_.command("replug" + device + " ttyVIRTUALAGAIN" + std::to_string(number));
                break;
            case 4:
                devices_.command("power-cycle" + device);
                break;
            case 5:
                devices_.command("reset" + device);
                break;
            case 6: {
                const std::string fault = faults[any(0, std::size(faults) - 1)];
                devices_.command(fault + device +
                                 (fault == "unknown-type" ? " 99"
                                  : fault == "corruption" ? " 0.2"
                                                          : ""));
                break;
            }
            default:
                for (const char* fault : faults)
                    devices_.command(fault + device + " off");
        }
    }

    std::mt19937_64 random_;
    std::array<Sent, crowd> counted_{};  ///< when each was plugged in
    std::array<std::size_t, crowd> slots_{};
    Robot robot_{motor_descriptions};
    UpperDaemons upper_{robot_.instance()};
    VirtualDevices devices_{robot_, devices_of_the_crowd(), {"--data-hz", sanitized() ? "100" : "1000"}};
    Process daemon_ = robot_.start("dev_handler", {"--ports", devices_.ports()});
};

}  // namespace

TEST_CASE(
    "After any trouble every device works, every intact frame is accounted for, and nothing has grown") {
    const std::uint64_t seed = number_from_environment("RUNTIME_SOAK_SEED", std::random_device{}());
    const std::uint64_t seconds = number_from_environment("RUNTIME_SOAK_SECONDS", sanitized() ? 15 : 60);
    INFO("RUNTIME_SOAK_SEED=" << seed);
    Soak soak(seed);
    const Nanoseconds start = now();
    const Nanoseconds duration = static_cast<Nanoseconds>(seconds) * second;
    soak.go_on_until(start + duration / 3);
    soak.calm_down();
    soak.lose_a_device_by_silence();
    const std::size_t descriptors = soak.descriptors();
    const double resident = soak.resident_mebibytes();
    soak.go_on_until(start + duration);
    soak.calm_down();
    soak.account_for_every_frame();
    soak.stop_everything();
    // A loose device that was lost in the silence of the accounts comes back.
    CHECK(wait_until([&] { return soak.descriptors() == descriptors; }));
    if (!sanitized())  // a sanitizer keeps freed memory
        CHECK(soak.resident_mebibytes() < resident + 2);
    CHECK(soak.daemon().stop() == 0);
}
