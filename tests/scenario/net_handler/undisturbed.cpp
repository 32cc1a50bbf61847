// Whatever one client does, over and over and as fast as it can: each packet of another counts and is
// answered, once and in order, while it goes on.
#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <limits>
#include <list>
#include <optional>
#include <thread>

#include "tests/scenario/net_handler/field.hpp"
#include "tests/scenario/net_handler/line_count.hpp"

using namespace runtime;
using namespace runtime::test;

namespace {

using Kind = DriverStation::Kind;

/// How often the other client is asked while one kind of hostility goes on.
constexpr int questions = 30;

/// Does something over and over in a thread of its own, and counts how often.
class Hostility {
  public:
    explicit Hostility(std::function<void()> once)
        : thread_([this, once = std::move(once)] {
              while (!enough_) {
                  try {
                      once();
                  } catch (const std::runtime_error&) {
                      // Closed: the next turn connects again.
                  }
                  ++count_;
              }
          }) {}
    Hostility(const Hostility&) = delete;
    Hostility& operator=(const Hostility&) = delete;
    ~Hostility() {
        enough_ = true;
        thread_.join();
    }
    std::uint64_t count() const { return count_; }
    bool goes_on_after(std::uint64_t before) const {
        return wait_until([&] { return count_ > before; });
    }

  private:
    std::atomic<bool> enough_{false};
    std::atomic<std::uint64_t> count_{0};
    std::thread thread_;
};

/// What a client does, again and again.
struct Hostile {
    std::string name;
    std::function<void()> once;
};

struct Nonsense {
    std::string name;
    std::string bytes;
};

std::string truncated(const std::string& recording) {
    const std::string payload = recorded_packet(recording).substr(3);
    return packet(5, payload.substr(0, payload.size() - 1));
}

std::string gamepad_with(int axes, float value) {
    ::UserInputs inputs;
    auto* input = inputs.add_inputs();
    input->set_connected(true);
    for (int i = 0; i < axes; ++i)
        input->add_axes(value);
    return packet(5, inputs.SerializeAsString());
}

std::vector<Nonsense> nonsense() {
    std::string entries;
    for (int i = 0; i < 10'000; ++i)
        entries += std::string("\x0A\0", 2);
    const float infinity = std::numeric_limits<float>::infinity();
    return {
        {"unknown types", packet(7, "abc") + packet(99, "") + packet(255, std::string(500, 'x'))},
        {"truncated messages", packet(0, "\x08") + packet(1, "\xFF") + truncated("dawn_inputs_gamepad_axes")},
        {"enum values that do not exist",
         packet(0, "\x08\x07") + packet(1, "\x08\x02") + packet(4, "\x08\x04")},
        {"packets of up to 65535 bytes", packet(0, std::string(4097, '\0')) +
                                             packet(5, std::string(65535, '\xAA')) +
                                             packet(200, std::string(65535, 'y'))},
        {"axes that are no numbers", gamepad_with(4, std::numeric_limits<float>::quiet_NaN()) +
                                         gamepad_with(4, infinity) + gamepad_with(4, -infinity)},
        {"3 and 300 axes", gamepad_with(3, 0.5F) + gamepad_with(300, 0.5F)},
        {"thousands of entries", packet(5, entries) + packet(5, entries.substr(0, 4096))},
    };
}

std::string identity(Kind kind) {
    return std::string(1, static_cast<char>(kind));
}

/// Everything that one who says that it is a client can do.
std::vector<Hostile> hostile_clients(std::uint16_t port, Kind kind) {
    std::vector<Hostile> all;
    // Stays connected, or connects again.
    const auto connection = std::make_shared<std::optional<DriverStation>>();
    const auto send = [=](const std::string& bytes) {
        if (!*connection)
            connection->emplace(port, kind);
        try {
            (*connection)->send_bytes(bytes);
        } catch (const std::runtime_error&) {
            connection->reset();
            throw;
        }
    };
    for (const auto& packets : nonsense())
        all.push_back({packets.name, [=] { send(packets.bytes); }});
    all.push_back({"one byte at a time", [=] {
                       for (const char byte : packet(99, "abc"))
                           send(std::string(1, byte));
                   }});
    all.push_back({"questions whose answers it never reads", [=] {
                       for (int i = 0; i < 100; ++i)
                           send(recorded_packet("dawn_ping"));
                   }});
    all.push_back({"packets before and after its identity, and the end", [=] {
                       auto early = DriverStation::silent(port);
                       early.send_bytes(packet(5, "") + packet(6, "abc") + identity(kind) + "\x63\4");
                   }});
    // The next takes the place of the one before, which is still in its packet.
    const auto halves = std::make_shared<std::list<DriverStation>>();
    all.push_back({"half a packet, then silence", [=] {
                       halves->emplace_back(port, kind);
                       halves->back().send_bytes(std::string("\0\x20\0\1", 4));
                       if (halves->size() > 3)
                           halves->pop_front();
                   }});
    all.push_back({"a connection and a reset", [=] {
                       DriverStation resets(port, kind);
                       resets.send_bytes(packet(0, ""));
                       resets.reset();
                   }});
    return all;
}

std::vector<Hostile> strangers(std::uint16_t port) {
    const auto silent = std::make_shared<std::list<DriverStation>>();
    return {{"connections that say nothing",
             [=] {
                 // A thousand while the others are asked.
                 for (int i = 0; i < 1000 / questions + 1; ++i) {
                     silent->push_back(DriverStation::silent(port));
                     if (silent->size() > 200)
                         silent->pop_front();
                 }
             }},
            {"a scan of ports: a connection and its end", [=] { DriverStation::silent(port); }},
            {"a scan of ports: a connection and a reset", [=] { DriverStation::silent(port).reset(); }},
            {"a scan of ports: other protocols", [=] {
                 for (const char* start : {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "SSH-2.0-x\r\n"})
                     DriverStation::silent(port).send_bytes(start);
             }}};
}

/// A driver station, whose inputs count and whose questions are answered.
class Dawn {
  public:
    explicit Dawn(Field& field) : field_(field), dawn_(field.dawn()) {}
    bool is_heard() {
        const std::uint64_t number = ++asked_;
        dawn_.send_inputs(gamepad(number));
        ::TimeStamps question;
        question.set_dawn_timestamp(number);
        dawn_.send(6, question);
        const auto answer =
            dawn_.receive_until([](const ReceivedPacket& received) { return received.type == 6; });
        return answer && answer->as<::TimeStamps>().dawn_timestamp() == number;
    }
    /// The last inputs are those that count, as long as they are fresh.
    bool inputs_count() {
        return wait_until([&] {
            const std::uint64_t number = asked_ + 1;
            return is_heard() && wait_until([&] { return field_.inputs().gamepad_buttons == number; }, 100ms);
        });
    }

  private:
    Field& field_;
    DriverStation dawn_;
    std::uint64_t asked_ = 0;
};

/// Field control, whose commands are carried out, and which is told the status.
class Shepherd {
  public:
    explicit Shepherd(Field& field) : field_(field), shepherd_(field.shepherd()) {}
    bool is_heard() {
        const bool right = ++asked_ % 2 != 0;
        shepherd_.set_start_position(right ? StartPos::RIGHT : StartPos::LEFT);
        const auto wanted = right ? StartPosition::right : StartPosition::left;
        for (int i = 0; i < 1000 && shepherd_.receive(1ms); ++i) {
        }
        return field_.wait_for_state([&](const RobotState& state) { return state.start_position == wanted; });
    }
    bool is_told() {
        return shepherd_
            .wait_for_status([](const ::RuntimeStatus& status) { return status.shep_connected(); })
            .has_value();
    }

  private:
    Field& field_;
    DriverStation shepherd_;
    int asked_ = 0;
};

/// `heard`: one packet of the other client, and its answer. True if each was answered, and the hostility went
/// on from one to the next.
bool undisturbed(const Hostile& hostile, const std::function<bool()>& heard) {
    const Hostility hostility(hostile.once);
    for (int i = 0; i < questions; ++i) {
        const auto before = hostility.count();
        if (!heard() || !hostility.goes_on_after(before))
            return false;
    }
    return true;
}

}  // namespace

TEST_CASE("whatever field control sends, each packet of Dawn counts and is answered") {
    Field field;
    const LineCount complaints(field.net_handler(), "bad packet");
    Dawn dawn(field);
    for (const auto& hostile : hostile_clients(field.port(), Kind::shepherd)) {
        INFO(hostile.name);
        CHECK(undisturbed(hostile, [&] { return dawn.is_heard(); }));
        CHECK(dawn.inputs_count());
    }
    CHECK(field.net_handler().running());
    CHECK(complaints.lines() >= 1);
    CHECK(complaints.once_a_second());
}

TEST_CASE("whatever a driver station sends, each packet of Shepherd counts and is answered") {
    Field field;
    for (std::size_t slot = 0; slot < max_devices; ++slot)
        field.connect(slot, field.type("GeneralTestDevice"), slot,
                      std::vector<Value>(max_parameters, Value::of(-1)));
    const LineCount complaints(field.net_handler(), "bad packet");
    Shepherd shepherd(field);
    for (const auto& hostile : hostile_clients(field.port(), Kind::dawn)) {
        INFO(hostile.name);
        CHECK(undisturbed(hostile, [&] { return shepherd.is_heard(); }));
        CHECK(shepherd.is_told());
    }
    CHECK(field.net_handler().running());
    CHECK(complaints.lines() >= 1);
    CHECK(complaints.once_a_second());
}

TEST_CASE("whatever strangers do, each packet of Dawn and of Shepherd counts and is answered") {
    Field field;
    Dawn dawn(field);
    Shepherd shepherd(field);
    for (const auto& hostile : strangers(field.port())) {
        INFO(hostile.name);
        CHECK(undisturbed(hostile, [&] { return dawn.is_heard() && shepherd.is_heard(); }));
        CHECK(dawn.inputs_count());
        CHECK(shepherd.is_told());
    }
    CHECK(field.net_handler().running());
}
