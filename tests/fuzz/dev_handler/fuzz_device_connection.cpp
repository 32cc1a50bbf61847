/// A connection and what is outgoing on it, with virtual time. The input is a list of steps: a byte below
/// 0x40 lets time pass, one below 0x80 commands, opens or closes the gate, the others are the length of input
/// that follows. Whatever happens, the line carries whole frames only, and nothing moves behind a closed
/// gate.
#include <vector>

#include "dev_handler/connection.hpp"
#include "dev_handler/outgoing.hpp"
#include "tests/fuzz/dev_handler/fuzz_types.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
using runtime::fuzz::expect;

namespace {

class Rig {
  public:
    Rig() { connection_.open(time_); }

    void pass(Nanoseconds span) {
        time_ += span;
        const auto due = connection_.advance(time_);
        if (due.lost) {
            lose(*due.lost);
            return;
        }
        if (due.reset)
            outgoing_.queue_reset();
        if (due.ping)
            outgoing_.queue_ping();
        expect(connection_.deadline() > time_);
        write(~std::size_t{0});
    }

    void act(std::uint8_t what) {
        if (what < 0x20 && may_move_)
            outgoing_.command(what, Value::of(0.5F), coalesced_);
        else if (what > 0x21 && what <= 0x30 && may_move_)
            outgoing_.command(what - 0x22U, Value{0}, coalesced_);
        else if (what == 0x20)
            may_move_ = true;
        else if (what == 0x21) {
            may_move_ = false;
            outgoing_.stop();
            // The frame that the kernel has begun is completed; it was made while the gate was open.
            begun_ = in_frame_;
        } else if (what > 0x30)
            write(what - 0x30U);
    }

    void receive(std::span<const std::uint8_t> bytes) {
        while (!bytes.empty()) {
            const auto event = connection_.receive(bytes, time_);
            switch (event.kind) {
                case ConnectionEvent::Kind::identified:
                    expect(connection_.state() == ConnectionState::identified);
                    outgoing_.connect(*connection_.type());
                    break;
                case ConnectionEvent::Kind::data:
                    expect(connection_.state() == ConnectionState::active);
                    outgoing_.reported(event.reported, connection_.data().values);
                    break;
                case ConnectionEvent::Kind::lost:
                    lose(event.reason);
                    break;
                case ConnectionEvent::Kind::log:
                    expect(connection_.connected());
                    break;
                case ConnectionEvent::Kind::none:
                    break;
            }
        }
        const auto& statistics = connection_.statistics();
        const auto errors =
            statistics.bad_checksums + statistics.bad_frames + statistics.bad_messages + statistics.resyncs;
        expect((errors == 0) == (statistics.last_error == 0));
    }

    /// The kernel takes at most `room` bytes.
    void write(std::size_t room) {
        while (room > 0) {
            const auto bytes = outgoing_.front(time_);
            if (bytes.empty())
                return;
            const auto size = std::min(room, bytes.size());
            const auto part = bytes.first(size);
            check(part);
            outgoing_.written(size, time_);
            room -= size;
        }
    }

  private:
    void lose(LossReason reason) {
        expect(!connection_.connected());
        if (reason == LossReason::silence) {
            // The kernel forgets what it holds.
            decoder_.reset();
            in_frame_ = false;
            begun_ = false;
            outgoing_.new_line();
        }
        outgoing_.disconnect();
        outgoing_.queue_reset();
        connection_.open(time_, second);
    }

    /// The other end of the line.
    void check(std::span<const std::uint8_t> bytes) {
        while (!bytes.empty()) {
            in_frame_ = true;
            const auto frame = decoder_.next(bytes);
            if (frame.status == FrameStatus::none)
                continue;
            in_frame_ = false;
            expect(frame.status == FrameStatus::whole);
            const Message message = parse_message(frame.message);
            expect(message.status == MessageStatus::sound);
            expect(message.id == MessageId::ping || message.id == MessageId::reset ||
                   message.id == MessageId::device_write);
            if (message.id == MessageId::device_write && !may_move_ && !begun_)
                expect_zeros(message.payload);
            begun_ = false;
        }
    }

    /// Behind its bitmap a write carries nothing but zeros.
    static void expect_zeros(std::span<const std::uint8_t> payload) {
        constexpr std::size_t bitmap_size = 4;
        expect(payload.size() > bitmap_size);
        for (const std::uint8_t byte : payload.subspan(bitmap_size))
            expect(byte == 0);
    }

    Nanoseconds time_ = 1000 * second;
    Connection connection_{fuzz::types()};
    Outgoing outgoing_;
    FrameDecoder decoder_;
    bool may_move_ = false;
    bool in_frame_ = false;  ///< the line has taken a part of a frame
    bool begun_ = false;     ///< and that was when the gate closed
    std::uint64_t coalesced_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Rig rig;
    std::span<const std::uint8_t> input(data, size);
    while (!input.empty()) {
        const std::uint8_t step = input.front();
        input = input.subspan(1);
        if (step < 0x40) {
            rig.pass(20 * millisecond * step);
        } else if (step < 0x80) {
            rig.act(step - 0x40);
        } else {
            const auto bytes = input.first(std::min<std::size_t>(step - 0x7FU, input.size()));
            input = input.subspan(bytes.size());
            rig.receive(bytes);
        }
    }
    return 0;
}
