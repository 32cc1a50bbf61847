#include <catch2/catch.hpp>

#include "shm_wrapper/log_ring.hpp"
#include "tests/scenario/dev_handler/upper_daemons.hpp"
#include "tests/support/fake_device.hpp"
#include "tests/support/recording.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

/// Plays the device's side of a recording into dev_handler, as fast as each frame is taken.
class Replay {
  public:
    explicit Replay(const std::string& device)
        : recording_(Recording::load(device)),
          upper_(robot_.instance()),
          port_(robot_.directory() + "/ttyACM0"),
          type_(upper_.type(recording_.type)),
          daemon_(robot_.start("dev_handler", {"--ports", robot_.directory() + "/tty*"})) {
        REQUIRE(daemon_.wait_for_output("ready"));
    }

    void play() {
        for (const auto& event : recording_.events) {
            if (event.from_device && event.kind == "ACK")
                acknowledge(event.frame);
            else if (event.from_device)
                send(event);
            else if (event.kind == "DEVICE_WRITE")
                expect_write(event.frame);
        }
        CHECK(daemon_.stop() == 0);
        CHECK(port_.read_until(wire::reset));
        // Everything that dev_handler wrote is understood by rules that do not come from its own code.
        CHECK(port_.bad_frames() == 0);
        compare_log();
    }

  private:
    void acknowledge(const Bytes& frame) {
        REQUIRE(port_.read_until(wire::ping));
        port_.write(frame);
        slot_ = upper_.slot_of(recording_.type, recording_.uid);
        CHECK(upper_.devices().slots[slot_].identity.read().year == recording_.year);
        frames_ = 1;
    }

    void send(const Recording::Event& event) {
        port_.write(event.frame);
        if (event.kind == "RST") {
            CHECK(
                upper_.wait_for_devices([&] { return !upper_.connected(recording_.type, recording_.uid); }));
            port_.drain();  // a device that is disabled acknowledges the next PING, not an earlier one
            return;
        }
        ++frames_;
        const auto& slot = upper_.devices().slots[slot_];
        const auto taken = [&] { return slot.statistics.read().frames_received == frames_; };
        // Students wait for values, not for texts: those wake nobody.
        const bool arrived = event.kind == "LOG" ? wait_until(taken) : upper_.wait_for_devices(taken);
        const LinkStatistics statistics = slot.statistics.read();
        INFO(frames_ << " frames sent, " << statistics.frames_received << " received, of "
                     << statistics.bytes_received << " bytes, "
                     << statistics.bad_checksums + statistics.bad_frames + statistics.bad_messages << " bad, "
                     << statistics.resyncs << " resynchronisations");
        REQUIRE(arrived);
        const auto message = wire::decode(event.frame);
        REQUIRE(message);
        if (event.kind == "DEVICE_DATA")
            compare_values(message->payload);
        else
            texts_.emplace_back(reinterpret_cast<const char*>(message->payload.data()));
    }

    void compare_values(const Bytes& payload) {
        const auto carried = wire::parse_values(payload, type_);
        REQUIRE(carried);
        const DeviceData data = upper_.devices().slots[slot_].data.read();
        std::uint32_t expected_bits = 0;
        for (const auto& [index, bits] : *carried) {
            REQUIRE(type_.parameters[index].read);
            expected_bits |= 1U << index;
            REQUIRE(data.values[index].bits == bits);
        }
        REQUIRE(data.received == expected_bits);
    }

    void expect_write(const Bytes& frame) {
        const auto message = wire::decode(frame);
        REQUIRE(message);
        const auto values = wire::parse_values(message->payload, type_);
        REQUIRE(values);
        upper_.start_run();
        upper_.command(slot_, *values);
        while (true) {
            const auto write = port_.read_until(wire::device_write);
            REQUIRE(write);
            // Before it there may be zeros for the motors. It itself is what the recording host sent.
            if (write->frame.size() == frame.size()) {
                CHECK(write->frame == frame);
                return;
            }
        }
    }

    void compare_log() const {
        LogReader log(robot_.instance(), "dev_handler", LogReader::From::oldest);
        std::vector<std::string> lines;
        while (const auto line = log.next())
            if (line->source == LogSource::device)
                lines.push_back(line->text);
        REQUIRE(lines.size() == texts_.size());
        for (std::size_t i = 0; i < lines.size(); ++i)
            CHECK(lines[i] == std::string(type_.name()) + " " + std::to_string(recording_.type) + "_" +
                                  std::to_string(recording_.uid) + ": " + texts_[i]);
    }

    Robot robot_;
    Recording recording_;
    UpperDaemons upper_;
    FakePort port_;
    const DeviceType& type_;
    Process daemon_;
    std::size_t slot_ = 0;
    std::uint64_t frames_ = 0;
    std::vector<std::string> texts_;
};

}  // namespace

TEST_CASE("A recorded device is identified, and each of its frames arrives in shared memory and in the log") {
    for (const auto& device : recorded_devices)
        DYNAMIC_SECTION(device) {
            Replay(device).play();
        }
}
