#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <future>
#include <vector>

#include "shm_wrapper/log_ring.hpp"
#include "tests/scenario/dev_handler/test_bench.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

/// Writes the same bytes to a port again and again, as fast as they are read there.
class Flood {
  public:
    Flood(const FakePort& port, const Bytes& bytes)
        : written_(std::async(std::launch::async, [this, &port, bytes] {
              std::uint64_t count = 0;
              for (; !stop_; ++count)
                  port.write(bytes);
              return count;
          })) {}
    ~Flood() { stop_ = true; }
    Flood(const Flood&) = delete;
    Flood& operator=(const Flood&) = delete;
    /// How often they were written.
    std::uint64_t stop() {
        stop_ = true;
        return written_.get();
    }

  private:
    std::atomic<bool> stop_{false};
    std::future<std::uint64_t> written_;  ///< its destructor waits for the thread
};

}  // namespace

TEST_CASE("Noise between frames costs no frame, is counted, and is told once") {
    Bench bench;
    FakeDevice device(bench.port("ACM0"), bench.upper.type(limit_switch), uid);
    REQUIRE(device.acknowledge());
    const std::size_t slot = bench.upper.slot_of(limit_switch, uid);
    const Bytes good = wire::values(wire::device_data, device.type(), {{0, 1}});
    Bytes bad_sum = good;
    bad_sum.back() ^= 0x7F;
    constexpr std::uint64_t rounds = 200;
    for (std::uint64_t i = 0; i < rounds; ++i) {
        device.write({0x41, 0x42});
        device.write(good);
        device.write(bad_sum);
        device.write({0x00, 0xFF});
        device.write(wire::encode(wire::log, {'x'}));
        device.write({0x00, 0x04, 0x02});
        device.write(good);
    }
    REQUIRE(wait_until([&] { return bench.statistics(slot).frames_received >= 1 + 3 * rounds; }));
    const LinkStatistics statistics = bench.statistics(slot);
    CHECK(statistics.frames_received == 1 + 3 * rounds);  // ACK, twice DATA, LOG without NUL
    CHECK(statistics.bad_checksums == rounds);
    CHECK(statistics.bad_frames == 2 * rounds);
    CHECK(statistics.bad_messages == rounds);
    CHECK(statistics.resyncs == rounds);
    CHECK(bench.daemon.wait_for_output("bad input from 1_12345 (LimitSwitch)"));
    CHECK(bench.upper.connected(limit_switch, uid));
}

TEST_CASE("A device that does not read is not waited for, and gets only whole frames when it reads again") {
    Bench bench;
    const auto deaf = bench.koala("ACM0", 1);
    const auto healthy = bench.koala("ACM1", 2);
    const std::size_t deaf_slot = bench.upper.slot_of(koala_bear, 1);
    const std::size_t healthy_slot = bench.upper.slot_of(koala_bear, 2);
    bench.upper.start_run();
    healthy->drain();
    // More than the kernel's buffer of a terminal holds.
    wire::ValueMap many;
    for (std::size_t i = 1; i < 7; ++i)
        many[i] = Value::of(0.125F).bits;
    std::uint64_t count = 0;
    REQUIRE(wait_until([&] {
        bench.upper.command(deaf_slot, many);
        ++count;
        deaf->send(zeros);
        healthy->send(zeros);
        return bench.statistics(deaf_slot).writes_coalesced > 100;
    }));
    bench.upper.command(healthy_slot, velocity_a, Value::of(0.5F));
    CHECK(healthy->next_write() == wire::ValueMap{{velocity_a, Value::of(0.5F).bits}});
    // It reads again: all that was written arrives whole, the zeros of the stop first of what was not.
    bench.upper.stop_run();
    REQUIRE(healthy->next_write() == zeros);
    std::optional<wire::ValueMap> last;
    while ((last = deaf->next_write()) && *last != zeros) {
    }
    CHECK(last == zeros);
    while (const auto write = deaf->next_write(30ms))
        CHECK(only_zeros(*write));
    CHECK(deaf->bad_frames() == 0);
}

TEST_CASE("Floods of garbage and of LOG texts delay no other device") {
    Bench bench;
    const auto device = bench.koala("ACM0", uid);
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    FakePort garbage(bench.port("USB0"));
    FakeDevice talker(bench.port("USB1"), bench.upper.type(limit_switch), 3);
    REQUIRE(talker.acknowledge());
    const std::size_t talker_slot = bench.upper.slot_of(limit_switch, 3);
    const auto heard = [&] { return bench.statistics(talker_slot).frames_received; };
    bench.upper.start_run();
    const Bytes noise(2048, 0xA5);
    Flood flood(talker, wire::text("too much to say \x01\xFF"));
    std::vector<std::uint64_t> overtaken_by;
    for (int i = 1; i <= 300; ++i) {
        REQUIRE(wait_until([&, before = heard()] { return heard() > before; }));
        // As much as there is room for: a port without a device of ours is closed after a while.
        [[maybe_unused]] const auto taken = write(garbage.descriptor(), noise.data(), noise.size());
        garbage.drain();
        device->send(zeros);
        const wire::ValueMap wanted{{velocity_a, Value::of(static_cast<float>(i) / 1000.0F).bits}};
        const std::uint64_t before = heard();
        bench.upper.command(slot, wanted);
        REQUIRE(device->next_write() == wanted);
        overtaken_by.push_back(heard() - before);
    }
    // What counts is what dev_handler does first, not when: a text is read in some microseconds.
    std::sort(overtaken_by.begin(), overtaken_by.end());
    CHECK(overtaken_by[overtaken_by.size() / 2] <= 2000);
    const auto told = flood.stop();
    CHECK(wait_until([&] { return heard() == 1 + told; }));
    talker.drain();
    LogReader log(bench.robot.instance(), "dev_handler", LogReader::From::oldest);
    int lines = 0;
    while (const auto line = log.next()) {
        lines += line->source == LogSource::device ? 1 : 0;
        if (line->source == LogSource::device)
            CHECK(line->text == "LimitSwitch 1_3: too much to say ?\uFFFD");
    }
    CHECK(lines > 0);
    CHECK(static_cast<std::uint64_t>(lines) < told);
}

TEST_CASE("After dev_handler was killed, the black box shows the last frames in both directions") {
    Bench bench;
    const auto device = bench.koala("ACM0", uid);
    const std::size_t slot = bench.upper.slot_of(koala_bear, uid);
    bench.upper.start_run();
    bench.upper.command(slot, velocity_a, Value::of(0.5F));
    REQUIRE(device->next_write());
    device->send({{velocity_a, Value::of(0.375F).bits}});
    device->write({0x00, 0x04, 0x02, 0x01, 0x02, 0x02});
    device->write(wire::text("ouch"));
    REQUIRE(bench.daemon.wait_for_output("ouch"));
    bench.daemon.signal(SIGKILL);
    REQUIRE(bench.daemon.wait());
    const Result shown = run({"wire_log", "--instance", bench.robot.instance(), "--device", "6_12345"});
    CHECK(shown.status == 0);
    for (const char* expected :
         {"6_12345 (KoalaBear)", "->  RST", "->  PING", "<-  ACKNOWLEDGEMENT", "DEVICE_WRITE velocity_a=0.5",
          "DEVICE_DATA velocity_a=0.375", "FAULTY  [000402010202]", "LOG ouch"}) {
        INFO(shown.output);
        CHECK(shown.output.find(expected) != std::string::npos);
    }
    CHECK(run({"wire_log", "--instance", bench.robot.instance(), "--device", "6_1"}).status == 1);
}
