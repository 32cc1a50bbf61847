#include <fcntl.h>
#include <pty.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "dev_handler/daemon.hpp"
#include "shm_wrapper/process/logging.hpp"
#include "shm_wrapper/process/stderr_writer.hpp"
#include "tests/scenario/dev_handler/upper_daemons.hpp"
#include "tests/support/fake_device.hpp"

namespace {

thread_local bool counted = false;
std::atomic<std::uint64_t> allocations{0};

void* allocate(std::size_t size) {
    if (counted)
        ++allocations;
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

}  // namespace

// Not inlined, or the compiler sees a mismatch of new and free.
[[gnu::noinline]] void* operator new(std::size_t size) {
    return allocate(size);
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
    return allocate(size);
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    if (counted)
        ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

using namespace runtime;
using namespace runtime::test;

namespace {

constexpr std::uint8_t koala_bear = 6;
constexpr std::uint8_t patient_type = 40;
/// A test that has to wait for a processor does not lose it by silence.
const std::string patient_motor = R"(
device_types {
  number: 40
  name: "PatientMotor"
  extra_silence_ms: 600000
  parameters { name: "velocity" kind: FLOAT read: true write: true stop: true }
  parameters { name: "encoder" kind: INT read: true }
  parameters { name: "gain" kind: FLOAT read: true write: true }
}
)";

void log_to_ring(const Robot& robot) {
    ProgramOptions options("dev_handler", "");
    const std::string& instance = robot.instance();
    const std::array<const char*, 3> arguments{"dev_handler", "--instance", instance.c_str()};
    REQUIRE_FALSE(options.parse(static_cast<int>(arguments.size()), arguments.data()));
    start_logging(options);
}

/// A terminal in the place of stderr, for a while; what it shows is not read.
class Terminal {
  public:
    Terminal() : before_(dup(STDERR_FILENO)) {
        REQUIRE(openpty(&screen_, &terminal_, nullptr, nullptr, nullptr) == 0);
        dup2(terminal_, STDERR_FILENO);
    }
    ~Terminal() {
        dup2(before_, STDERR_FILENO);
        for (const int descriptor : {before_, screen_, terminal_})
            close(descriptor);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

  private:
    int before_;
    int screen_ = -1;
    int terminal_ = -1;
};

/// dev_handler in a thread of the test whose allocations are counted.
class CountedDaemon {
  public:
    explicit CountedDaemon(const Robot& robot)
        // The rescan of the ports, which is not on the path of a frame, may allocate: it is put off.
        : daemon_(robot.instance(), BlockWatch(robot.instance()), {robot.directory() + "/tty*"},
                  3600 * second),
          loop_([this] {
              counted = true;
              daemon_.run();
          }) {}
    ~CountedDaemon() {
        kill(getpid(), SIGTERM);
        loop_.join();
    }
    CountedDaemon(const CountedDaemon&) = delete;
    CountedDaemon& operator=(const CountedDaemon&) = delete;

  private:
    dev_handler::Daemon daemon_;
    std::thread loop_;
};

}  // namespace

TEST_CASE("Frames and commands allocate nothing in the daemon's loop") {
    const Robot robot;
    UpperDaemons upper(robot.instance());
    FakeDevice device(robot.directory() + "/ttyACM0", upper.type(koala_bear), 5);
    const CountedDaemon daemon(robot);
    REQUIRE(device.acknowledge());
    const std::size_t slot = upper.slot_of(koala_bear, 5);
    upper.start_run();
    std::uint64_t before = 0;
    for (int i = 0; i < 1200; ++i) {
        if (i == 200)
            before = allocations;  // by then everything has its memory
        const Value value = Value::of(static_cast<float>(i + 1) / 1200);
        upper.command(slot, 0, value);
        REQUIRE(wait_until([&] { return device.next_write() == wire::ValueMap{{0, value.bits}}; }));
        device.send({{0, value.bits}, {8, 0}});
        REQUIRE(upper.wait_for_devices(
            [&] { return upper.devices().slots[slot].data.read().values[0] == value; }));
    }
    CHECK(allocations == before);
    CHECK(before > 0);
}

TEST_CASE(
    "What is dropped, refused or stopped allocates nothing in the daemon's loop but the lines of the log") {
    const Robot robot(patient_motor);
    log_to_ring(robot);
    UpperDaemons upper(robot.instance());
    FakeDevice device(robot.directory() + "/ttyACM0", upper.type(patient_type), 5);
    const CountedDaemon daemon(robot);
    REQUIRE(device.acknowledge());
    const std::size_t slot = upper.slot_of(patient_type, 5);
    upper.start_run();
    const auto statistics = [&] { return upper.devices().slots[slot].statistics.read(); };
    const auto dropped = [&](std::uint64_t LinkStatistics::*counter, const Bytes& bytes) {
        const std::uint64_t before = statistics().*counter;
        device.write(bytes);
        REQUIRE(wait_until([&] { return statistics().*counter > before; }));
    };
    const auto refused = [&](const wire::ValueMap& values) {
        const std::uint64_t before = statistics().writes_refused;
        upper.command(slot, values);
        // Refusals are published with the next frame.
        REQUIRE(wait_until([&] {
            device.send({{1, 0}});
            return statistics().writes_refused > before;
        }));
    };
    const auto closed = [&](void (*close)(UpperDaemons&)) {
        upper.start_run();
        const Value value = Value::of(0.5F);
        upper.command(slot, 0, value);
        REQUIRE(wait_until([&] { return device.next_write() == wire::ValueMap{{0, value.bits}}; }));
        device.send({{0, value.bits}});
        close(upper);
        REQUIRE(wait_until([&] { return device.next_write() == wire::ValueMap{{0, 0}}; }));
        device.send({{0, 0}});
    };
    Bytes bad_sum = wire::values(wire::device_data, device.type(), {{1, 1}});
    bad_sum.back() ^= 0x7F;
    const std::uint32_t not_a_number = Value::of(std::numeric_limits<float>::quiet_NaN()).bits;
    std::function<void()> happen;
    SECTION("a bad checksum") {
        happen = [&] { dropped(&LinkStatistics::bad_checksums, bad_sum); };
    }
    SECTION("a bad frame") {
        happen = [&] { dropped(&LinkStatistics::bad_frames, {0x00, 0x04, 0x02, 0x00, 0xFF}); };
    }
    SECTION("a bad message") {
        happen = [&] { dropped(&LinkStatistics::bad_messages, wire::encode(wire::log, {'x'})); };
    }
    SECTION("garbage") {
        happen = [&] { dropped(&LinkStatistics::resyncs, Bytes(300, 0xA5)); };
    }
    SECTION("a command to what cannot be written") {
        happen = [&] { refused({{1, 1}}); };
    }
    SECTION("a command of no finite value") {
        happen = [&] { refused({{2, not_a_number}}); };
    }
    SECTION("a command while the gate is closed") {
        upper.stop_run();
        happen = [&] { refused({{0, 1}}); };
    }
    SECTION("the end of a mode") {
        happen = [&] { closed([](UpperDaemons& u) { u.stop_run(); }); };
    }
    SECTION("a new run") {
        happen = [&] { closed([](UpperDaemons& u) { u.start_run(); }); };
    }
    LogReader log(robot.instance(), "dev_handler", LogReader::From::oldest);
    const auto lines_told = [&] {
        int count = 0;
        while (log.next())
            ++count;
        return count;
    };
    std::uint32_t number = 0;
    for (int silent = -50; silent < 200; ++silent) {  // at first it gets its memory
        lines_told();
        const std::uint64_t before = allocations;
        happen();
        // What follows in its turn, such as a line, is over when the next frame is.
        ++number;
        for (const std::uint32_t bits : {2 * number, 2 * number + 1}) {
            device.send({{1, bits}});
            REQUIRE(upper.wait_for_devices(
                [&] { return upper.devices().slots[slot].data.read().values[1].bits == bits; }));
        }
        const std::uint64_t after = allocations;
        if (lines_told() != 0)
            --silent;
        else if (silent >= 0)
            REQUIRE(after == before);
    }
}

TEST_CASE("LOG frames allocate nothing in the daemon's loop, whether they are kept or too many") {
    const Robot robot;
    log_to_ring(robot);
    UpperDaemons upper(robot.instance());
    FakeDevice device(robot.directory() + "/ttyACM0", upper.type(koala_bear), 5);
    const CountedDaemon daemon(robot);
    REQUIRE(device.acknowledge());
    upper.slot_of(koala_bear, 5);
    LogReader log(robot.instance(), "dev_handler", LogReader::From::oldest);
    const auto told = [&](const std::string& text) {
        for (auto line = log.next(); line; line = log.next())
            if (line->text.find(text) != std::string::npos)
                return true;
        return false;
    };
    // The longest, of bytes that each become three.
    const std::string longest(wire::longest_text, '\xFF');
    std::uint64_t before = 0;
    for (int i = 0; i < 40; ++i) {
        if (i == 5)
            before = allocations;
        const std::string number = std::to_string(i);
        device.write(wire::text(number + longest.substr(number.size())));
        REQUIRE(wait_until([&] { return told(": " + number + "\uFFFD"); }));
    }
    REQUIRE(wait_until([&] {
        for (int i = 0; i < 100; ++i)
            device.write(wire::text("flood"));
        return told("lines lost");
    }));
    CHECK(allocations == before);
    CHECK(before > 0);
}

TEST_CASE("A line of a device is logged without an allocation, wherever stderr leads") {
    const Robot robot;
    std::optional<Terminal> terminal;
    SECTION("where the test's own does") {}
    SECTION("a terminal") {
        terminal.emplace();
    }
    SECTION("the journal") {
        setenv("JOURNAL_STREAM", "1:1", 1);
    }
    log_to_ring(robot);
    unsetenv("JOURNAL_STREAM");
    const std::string line(300, '\xFF');
    log_line(LogLevel::info, LogSource::device, line);
    const std::uint64_t before = allocations;
    counted = true;
    log_line(LogLevel::info, LogSource::device, line);
    counted = false;
    CHECK(allocations == before);
}

TEST_CASE("Lines that nobody reads are dropped and told without an allocation") {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    const int before_test = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    std::optional<StderrWriter> writer(std::in_place);
    const std::uint64_t before = allocations;
    counted = true;
    for (int i = 0; i < 10'000; ++i)
        writer->write("a line that fills the pipe\n");
    std::array<char, 65536> read_text{};
    while (read(ends[0], read_text.data(), read_text.size()) > 0) {
    }
    writer->write("the next\n");
    counted = false;
    const ssize_t size = read(ends[0], read_text.data(), read_text.size());
    dup2(before_test, STDERR_FILENO);
    writer.reset();
    for (const int descriptor : {before_test, ends[0], ends[1]})
        close(descriptor);
    CHECK(allocations == before);
    CHECK(size > 0);
    CHECK(std::string_view(read_text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)))
              .find("lines dropped") != std::string_view::npos);
}
