#include "shm_wrapper/wire_ring.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>

using namespace runtime;

namespace {

constexpr std::size_t slot = 5;

std::unique_ptr<WireBlock> empty_block() {
    return std::make_unique<WireBlock>();
}

DeviceIdentity device(std::uint8_t type, std::uint64_t uid, std::uint32_t generation) {
    DeviceIdentity identity{};
    identity.type = type;
    identity.uid = uid;
    identity.generation = generation;
    return identity;
}

/// A frame whose bytes all say `number`.
std::vector<std::uint8_t> frame_of(std::uint64_t number, std::size_t size = 20) {
    return std::vector<std::uint8_t>(size, static_cast<std::uint8_t>(number));
}

}  // namespace

TEST_CASE("The last 128 frames of a direction come out, oldest first") {
    const auto block = empty_block();
    const std::uint64_t count = GENERATE(0U, 1U, 127U, 128U, 129U, 1000U);
    for (std::uint64_t i = 0; i < count; ++i)
        record_frame(*block, slot, WireDirection::from_device, device(6, 12345, 7), frame_of(i), i % 2 == 0,
                     static_cast<Nanoseconds>(i));
    const auto records = read_frames(*block, slot, WireDirection::from_device);
    REQUIRE(records.size() == std::min<std::uint64_t>(count, WireBlock::capacity));
    for (std::uint64_t i = 0; i < records.size(); ++i) {
        const std::uint64_t number = count - records.size() + i;
        REQUIRE(records[i].time == static_cast<Nanoseconds>(number));
        REQUIRE(records[i].sound == (number % 2 == 0));
        REQUIRE(records[i].generation == 7);
        REQUIRE(records[i].type == 6);
        REQUIRE(records[i].uid == 12345);
        const auto bytes = records[i].bytes();
        REQUIRE(std::vector<std::uint8_t>(bytes.begin(), bytes.end()) == frame_of(number));
    }
    CHECK(read_frames(*block, slot, WireDirection::to_device).empty());
    CHECK(read_frames(*block, slot + 1, WireDirection::from_device).empty());
}

TEST_CASE("What is longer than any frame is cut") {
    const auto block = empty_block();
    record_frame(*block, slot, WireDirection::to_device, device(6, 1, 1), frame_of(9, 1000), false, 1);
    const auto records = read_frames(*block, slot, WireDirection::to_device);
    REQUIRE(records.size() == 1);
    CHECK(records[0].bytes().size() == WireRecord::frame_size);
}

TEST_CASE("A reader beside the writer sees whole frames only") {
    const auto block = empty_block();
    std::atomic<bool> ended{false};
    std::thread writer([&] {
        for (std::uint64_t i = 1; i <= 100000; ++i)
            record_frame(*block, slot, WireDirection::from_device, device(6, 1, 1), frame_of(i), true,
                         static_cast<Nanoseconds>(i));
        ended = true;
    });
    bool last = false;
    do {
        last = ended;
        Nanoseconds before = 0;
        for (const auto& record : read_frames(*block, slot, WireDirection::from_device)) {
            const auto bytes = record.bytes();
            REQUIRE(record.time > before);
            REQUIRE(std::vector<std::uint8_t>(bytes.begin(), bytes.end()) ==
                    frame_of(static_cast<std::uint64_t>(record.time)));
            before = record.time;
        }
    } while (!last);
    writer.join();
    CHECK(read_frames(*block, slot, WireDirection::from_device).size() == WireBlock::capacity);
}
