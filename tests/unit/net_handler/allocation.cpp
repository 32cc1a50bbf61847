/// The path of the packets that never end allocates nothing. A program of its own, since it counts every
/// allocation.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "net_handler/protocol/conversation.hpp"
#include "net_handler/protocol/device_data.hpp"
#include "net_handler/protocol/messages.hpp"
#include "shm_wrapper/device_types_file.hpp"
#include "tests/support/driver_station.hpp"
#include "tests/unit/start.hpp"

using namespace runtime;
using namespace runtime::net;
using runtime::test::packet;
using runtime::test::start;

namespace {

std::atomic<std::uint64_t> allocations{0};

constexpr int rounds = 100;

/// How many allocations `step` makes once it has run a few times.
template <class Step>
std::uint64_t allocations_of(Step&& step) {
    for (int i = 0; i < 3; ++i)
        step(i);
    const std::uint64_t before = allocations;
    for (int i = 0; i < rounds; ++i)
        step(i);
    return allocations - before;
}

/// A connection without a socket that gathers its answers as a session does.
class Line final : private ConversationEvents {
  public:
    void receive(const std::string& bytes, Nanoseconds time) {
        std::copy(bytes.begin(), bytes.end(), conversation_.space().begin());
        conversation_.receive(bytes.size(), time);
    }
    std::size_t take_answers() {
        const std::size_t size = answers_.size();
        answers_.clear();
        return size;
    }

  private:
    bool identified(Client) override { return true; }
    void time_requested(const TimeRequest& request) override { append_time_stamps(answers_, request, 1); }
    void noticed(Client, const Command&, Control::Notice) override {}
    void faulty(std::uint8_t, std::size_t, std::string_view) override {}

    Control control_{RobotState{}, start};
    Conversation conversation_{control_, *this};
    std::vector<std::uint8_t> answers_;
};

}  // namespace

TEST_CASE("this program counts allocations") {
    std::unique_ptr<int> kept;
    CHECK(allocations_of([&](int i) { kept = std::make_unique<int>(i); }) == rounds);
}

TEST_CASE("inputs, and questions for the time with their answers, allocate nothing") {
    Line line;
    auto both = test::gamepad(3, {0.5F, 0, 0, 1});
    both.MergeFrom(test::keyboard(9));
    const std::string pressed = packet(5, both.SerializeAsString());
    const std::string released = packet(5, test::keyboard(0).SerializeAsString());
    const std::string question = test::recorded_packet("dawn_ping");
    line.receive("\1", start);
    CHECK(allocations_of([&](int i) {
              line.receive(i % 2 == 0 ? pressed : released, start + i * millisecond);
              line.receive(question, start + i * millisecond);
              if (line.take_answers() == 0)
                  FAIL("no answer");
          }) == 0);
}

TEST_CASE("DevData of the most devices and logged values allocates nothing") {
    const auto types = std::make_unique<DeviceTypes>(
        read_device_types(SOURCE_DIRECTORY "/shm_wrapper/device_types.textproto"));
    const auto view = std::make_unique<RobotView>();
    view->device_count = max_devices;
    for (auto& device : view->devices)
        device = {types->find(6), 1, ~0U, {}};
    view->custom_count = max_custom_values;
    for (auto& value : view->custom) {
        value = {};
        value.key[0] = 'x';
    }
    std::vector<std::uint8_t> out(header_size + max_payload);
    CHECK(allocations_of([&](int i) {
              view->devices[0].values[0] = Value::of(static_cast<float>(i));
              write_device_data(std::span<std::uint8_t, header_size + max_payload>(out), *view, i);
          }) == 0);
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}

// Catch2 uses it, and AddressSanitizer's own does not come here.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(size);
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
