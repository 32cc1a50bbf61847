#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <new>
#include <thread>

#include "dev_handler/daemon.hpp"
#include "tests/scenario/dev_handler/fake_device.hpp"
#include "tests/scenario/dev_handler/upper_daemons.hpp"

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

void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    if (counted)
        ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

using namespace runtime;
using namespace runtime::test;

TEST_CASE("Frames and commands allocate nothing in the daemon's loop") {
    constexpr std::uint8_t koala_bear = 6;
    const Robot robot;
    UpperDaemons upper(robot.instance());
    FakeDevice device(robot.directory() + "/ttyACM0", upper.type(koala_bear), 5);
    // The rescan of the ports, which is not on the path of a frame, may allocate: it is put off.
    dev_handler::Daemon daemon(robot.instance(), {robot.directory() + "/tty*"}, 3600 * second);
    std::thread loop([&] {
        counted = true;
        daemon.run();
    });
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
    const std::uint64_t steady = allocations - before;
    kill(getpid(), SIGTERM);
    loop.join();
    CHECK(steady == 0);
    CHECK(before > 0);
}
