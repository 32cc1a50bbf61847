// What a link says on its line when a device is stopped or lost. The time is the test's own.
#include <stdlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <utility>

#include "dev_handler/device_link.hpp"
#include "tests/support/fake_device.hpp"
#include "tests/unit/dev_handler/link_surroundings.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
namespace wire = runtime::test::wire;

namespace {

const std::uint32_t half = Value::of(0.5F).bits;
const wire::ValueMap both_zero{{0, 0}, {8, 0}};

/// The daemon around one link, and the KoalaBear at its other end, connected and at rest.
class Line final : public test::LinkSurroundings {
  public:
    Line() {
        link->try_now();
        deliver();
        connect();
    }
    ~Line() override {
        link->close(time);
        std::filesystem::remove_all(directory_);
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    void connect() {
        REQUIRE(device.acknowledge());
        take_in();
        REQUIRE(device.next_write() == both_zero);
        report(0);
    }
    /// The device reports the velocity of both motors.
    void report(std::uint32_t velocity) {
        device.send({{0, velocity}, {8, velocity}});
        take_in();
    }
    /// Hands the link what the device has sent.
    void take_in() {
        context().run_one();
        time = now();
    }
    /// Lets time pass until the link has something to do.
    void pass() {
        time = std::max(time, link->deadline());
        link->advance(time);
    }
    void command(std::uint32_t bits) {
        link->command(0, {bits});
        link->flush(time);
    }
    /// The device does not read until the kernel takes no more for it.
    void fill() {
        while (!link->unsent())
            link->stop(time);
    }
    bool connected() { return catalog().identity(0).connected; }
    int resets_in_black_box() {
        int count = 0;
        for (const auto& record : read_frames(wire(), 0, WireDirection::to_device)) {
            const auto bytes = record.bytes();
            const auto message = wire::decode({bytes.begin(), bytes.end()});
            count += message && message->id == wire::reset ? 1 : 0;
        }
        return count;
    }

  private:
    static std::string made_directory() {
        std::string path = std::filesystem::temp_directory_path() / "device_link_line_XXXXXX";
        REQUIRE(mkdtemp(path.data()) != nullptr);
        return path;
    }

    std::string directory_ = made_directory();

  public:
    Nanoseconds time = now();
    test::FakeDevice device{directory_ + "/tty", test::field_type(test::koala_bear), 7};
    std::shared_ptr<DeviceLink> link =
        std::make_shared<DeviceLink>(*this, device.path(), *port_identity(device.path()));
};

}  // namespace

TEST_CASE("A stop is written at once, and every 10 ms until the device reports it") {
    Line line;
    line.command(half);
    REQUIRE(line.device.next_write() == wire::ValueMap{{0, half}});
    // The PING is over: where the machine is slow it would be due between the stops.
    line.pass();
    line.link->stop(line.time);
    CHECK(line.device.next_write() == both_zero);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(line.link->deadline() == line.time + stop_period);
        line.pass();
        CHECK(line.device.next_write() == both_zero);
    }
    line.report(0);
    CHECK(line.link->deadline() > line.time + stop_period);
}

TEST_CASE("A device that is silent gets an RST at once and nothing else for a second, and its slot is free") {
    Line line;
    const Nanoseconds before = now();
    line.report(0);
    line.device.drain();
    while (line.connected())
        line.pass();
    CHECK(line.time >= before + silence_limit);
    CHECK(line.link->deadline() == line.time + second);
    CHECK(line.device.read_until(wire::reset));
    CHECK(line.resets_in_black_box() == 2);  // of the beginning, and of the loss
    const Nanoseconds lost = line.time;
    line.pass();
    CHECK(line.time == lost + second);
    const auto next = line.device.read();
    REQUIRE(next);
    CHECK(next->id == wire::reset);
    line.connect();
    CHECK(line.resets_in_black_box() == 3);
}

TEST_CASE("A device that was silent and did not read finds little of the time before when it does") {
    Line line;
    line.device.drain();
    line.fill();
    while (line.connected())
        line.pass();
    std::size_t bytes = 0;
    for (bool asked = false; !asked;) {
        if (const auto message = line.device.read(std::chrono::milliseconds(0))) {
            asked = message->id == wire::ping;
            bytes += message->frame.size();
        } else if (line.link->unsent()) {
            line.take_in();  // there is room again
        } else {
            line.pass();
        }
    }
    // A pseudo-terminal holds ten times that, but what its other side has taken over is not dropped.
    CHECK(bytes < 8192);
}

TEST_CASE("The rest of a frame that the kernel took in part is still written when its device restarts") {
    // How much the kernel takes varies, and now and then it is whole frames.
    for (int i = 0; i < 3; ++i) {
        Line line;
        line.device.drain();
        line.fill();
        line.device.write(wire::encode(wire::reset, {}));
        while (line.connected())
            line.take_in();
        for (bool reset = false; !reset;) {
            if (const auto message =
                    line.device.read(line.link->unsent() ? std::chrono::milliseconds(0) : test::patience)) {
                reset = message->id == wire::reset;
            } else {
                REQUIRE(line.link->unsent());
                line.take_in();  // there is room again
            }
        }
        CHECK(line.device.bad_frames() == 0);
    }
}

TEST_CASE(
    "A device whose name goes away, or leads to another port, is stopped and reset before its port is "
    "closed") {
    Line line;
    line.command(half);
    REQUIRE(line.device.next_write() == wire::ValueMap{{0, half}});
    SECTION("goes away") {
        line.link->vanish(line.time);
    }
    std::optional<test::FakePort> other;
    SECTION("another port") {
        other.emplace(line.device.path());
        line.link->replace(*port_identity(other->path()), line.time);
    }
    CHECK_FALSE(line.connected());
    CHECK(line.device.next_write() == both_zero);
    CHECK(line.device.read_until(wire::reset));
}
