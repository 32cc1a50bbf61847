#include "dev_handler/frame.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "dev_handler/cobs.hpp"
#include "tests/support/recording.hpp"

using namespace runtime::dev_handler;
using runtime::test::Bytes;
namespace wire = runtime::test::wire;

namespace {

struct Decoded {
    std::vector<Bytes> messages;
    std::vector<FrameStatus> faults;
};

Decoded decode(FrameDecoder& decoder, const Bytes& bytes, std::size_t piece = 1'000'000) {
    Decoded result;
    for (std::size_t begin = 0; begin < bytes.size(); begin += piece) {
        std::span<const std::uint8_t> rest = std::span(bytes).subspan(begin);
        rest = rest.first(std::min(piece, rest.size()));
        while (!rest.empty()) {
            const auto frame = decoder.next(rest);
            if (frame.status == FrameStatus::whole)
                result.messages.emplace_back(frame.message.begin(), frame.message.end());
            else if (frame.status != FrameStatus::none)
                result.faults.push_back(frame.status);
        }
    }
    return result;
}

Decoded decode(const Bytes& bytes, std::size_t piece = 1'000'000) {
    FrameDecoder decoder;
    return decode(decoder, bytes, piece);
}

Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

const Bytes ping{0x00, 0x04, 0x02, 0x01, 0x02, 0x01};
const Bytes ping_message{0x01, 0x00, 0x01};

}  // namespace

TEST_CASE("COBS encodes and decodes messages of every size, and its output holds no zero") {
    std::mt19937 random(1);
    for (std::size_t size = 0; size <= max_message_size; ++size)
        for (const int zeros : {0, 1, 2, 8}) {
            Bytes data(size);
            for (auto& byte : data)
                byte = zeros == 0 || static_cast<int>(random() % 10) >= zeros
                           ? static_cast<std::uint8_t>(1 + random() % 255)
                           : 0;
            Bytes encoded(cobs_size(size));
            REQUIRE(cobs_encode(data, encoded) == encoded.size());
            REQUIRE(std::find(encoded.begin(), encoded.end(), 0) == encoded.end());
            Bytes decoded(size);
            REQUIRE(cobs_decode(encoded, decoded) == size);
            REQUIRE(decoded == data);
        }
}

TEST_CASE("COBS refuses what is no encoding") {
    Bytes out(8);
    CHECK_FALSE(cobs_decode(Bytes{}, out));
    CHECK_FALSE(cobs_decode(Bytes{0x00}, out));
    CHECK_FALSE(cobs_decode(Bytes{0x03, 0x01}, out));
    CHECK_FALSE(cobs_decode(Bytes{0x02, 0x00}, out));
    CHECK_FALSE(cobs_decode(Bytes{0x02, 0x01, 0x05, 0x01}, out));
    SECTION("and what does not fit") {
        CHECK_FALSE(cobs_decode(Bytes{0x04, 0x01, 0x01, 0x01}, std::span(out).first(2)));
        CHECK_FALSE(cobs_decode(Bytes{0x01, 0x01, 0x01}, std::span(out).first(1)));
        CHECK(cobs_decode(Bytes{0x01, 0x01, 0x01}, std::span(out).first(2)) == 2U);
    }
}

TEST_CASE("A frame is the delimiter, the length and the encoded message") {
    const Frame frame = encode_frame(ping_message);
    CHECK(Bytes(frame.view().begin(), frame.view().end()) == ping);
    const Bytes largest(max_message_size, 0xA5);
    CHECK(encode_frame(largest).size == max_frame_size);
    const Frame whole = encode_frame(largest);
    CHECK(decode(Bytes(whole.view().begin(), whole.view().end())).messages == std::vector<Bytes>{largest});
}

TEST_CASE("Every recorded frame decodes to what the protocol's description says, in pieces of any size") {
    for (const auto& device : runtime::test::recorded_devices) {
        Bytes stream;
        std::vector<Bytes> expected;
        for (const auto& event : runtime::test::Recording::load(device).events) {
            if (!event.from_device)
                continue;
            const auto message = wire::decode(event.frame);
            REQUIRE(message);
            Bytes whole{static_cast<std::uint8_t>(message->id),
                        static_cast<std::uint8_t>(message->payload.size())};
            whole = whole + message->payload;
            std::uint8_t sum = 0;
            for (const auto byte : whole)
                sum ^= byte;
            whole.push_back(sum);
            expected.push_back(whole);
            stream = stream + event.frame;
        }
        for (const std::size_t piece : {1U, 2U, 7U, 64U, 1'000'000U}) {
            const auto decoded = decode(stream, piece);
            CHECK(decoded.faults.empty());
            CHECK(decoded.messages == expected);
        }
    }
}

TEST_CASE("The decoder resynchronises on the next delimiter, whatever stood before it") {
    const auto only = [](FrameStatus status) { return std::vector<FrameStatus>{status}; };
    const auto after = [&](const Bytes& garbage) { return decode(garbage + ping + ping); };
    struct Case {
        const char* what;
        Bytes before;
        std::vector<FrameStatus> faults;
    };
    const std::vector<Case> cases{
        {"nothing", {}, {}},
        {"bytes outside any frame", {0x41, 0x42, 0x43}, only(FrameStatus::garbage)},
        {"a doubled delimiter", {0x00}, only(FrameStatus::bad_length)},
        {"a length that is too small", {0x00, 0x03, 0x01, 0x01}, only(FrameStatus::bad_length)},
        {"a length that is too large", Bytes{0x00, 0x89} + Bytes(0x89, 0x01), only(FrameStatus::bad_length)},
        {"a length of 255", {0x00, 0xFF, 0x01}, only(FrameStatus::bad_length)},
        {"a truncated frame", {0x00, 0x04, 0x02, 0x01}, only(FrameStatus::truncated)},
        {"only a length", {0x00, 0x04}, only(FrameStatus::truncated)},
        {"a block that ends outside the frame",
         {0x00, 0x04, 0x05, 0x01, 0x02, 0x01},
         only(FrameStatus::not_cobs)},
        {"a frame with a byte too many", ping + Bytes{0x55}, only(FrameStatus::garbage)},
        {"a frame with a byte lost", {0x00, 0x04, 0x02, 0x01, 0x02}, only(FrameStatus::truncated)},
        {"noise", {0xFF, 0x00, 0xFE, 0x10, 0x00, 0x02, 0x00, 0x00}, {}},
    };
    for (const auto& test : cases) {
        INFO(test.what);
        const auto decoded = after(test.before);
        REQUIRE(decoded.messages.size() >= 2);
        CHECK(decoded.messages.back() == ping_message);
        CHECK(decoded.messages[decoded.messages.size() - 2] == ping_message);
        if (!test.faults.empty())
            CHECK(decoded.faults == test.faults);
    }
}

TEST_CASE("After reset the beginning of a frame is forgotten") {
    FrameDecoder decoder;
    decode(decoder, {0x00, 0x04, 0x02});
    decoder.reset();
    const auto decoded = decode(decoder, ping);
    CHECK(decoded.faults.empty());
    CHECK(decoded.messages == std::vector<Bytes>{ping_message});
}

TEST_CASE("The raw bytes of a frame, sound or broken, can be kept for people to look at") {
    FrameDecoder decoder;
    const Bytes stream = Bytes{0x00, 0x04, 0x02} + ping;
    std::span<const std::uint8_t> rest(stream);
    auto frame = decoder.next(rest);
    CHECK(frame.status == FrameStatus::truncated);
    CHECK(Bytes(frame.raw.begin(), frame.raw.end()) == Bytes{0x00, 0x04, 0x02});
    frame = decoder.next(rest);
    CHECK(frame.status == FrameStatus::whole);
    CHECK(Bytes(frame.raw.begin(), frame.raw.end()) == ping);
}

TEST_CASE("Corruption between delimiters never costs a frame that is sound and follows a sound delimiter") {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        Bytes stream;
        std::size_t sound = 0;
        for (int i = 0; i < 20; ++i) {
            Bytes payload(random() % (max_payload_size + 1));
            for (auto& byte : payload)
                byte = static_cast<std::uint8_t>(random());
            Bytes frame = wire::encode(wire::device_data, payload);
            if (random() % 3 == 0) {
                // Cut, or a byte lost: never beyond the frame's own delimiter.
                const auto position = static_cast<std::ptrdiff_t>(1 + random() % (frame.size() - 1));
                if (random() % 2 == 0)
                    frame.erase(frame.begin() + position, frame.end());
                else
                    frame.erase(frame.begin() + position);
            } else {
                ++sound;
            }
            stream = stream + frame;
        }
        REQUIRE(decode(stream, 1 + random() % 200).messages.size() >= sound);
    }
}
