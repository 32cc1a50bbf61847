#include "dev_handler/message.hpp"

#include <catch2/catch.hpp>

#include "tests/support/recording.hpp"
#include "tests/unit/dev_handler/test_types.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
using runtime::test::Bytes;
using runtime::test::field_type;
namespace wire = runtime::test::wire;

namespace {

Bytes bytes_of(const Frame& frame) {
    return {frame.view().begin(), frame.view().end()};
}

}  // namespace

TEST_CASE("The size of a device's DEVICE_DATA is that of its frame with every value that it reports") {
    for (const auto number : {test::koala_bear, test::polar_bear, test::dummy_device}) {
        const DeviceType& type = test::field_type(number);
        wire::ValueMap all;
        for (std::size_t i = 0; i < type.parameter_count; ++i)
            if (type.parameters[i].read)
                all[i] = 1;
        CHECK(device_data_size(type) == wire::values(wire::device_data, type, all).size());
    }
}

TEST_CASE("A message is sound when its checksum and its length fit") {
    const auto status = [](const Bytes& bytes) { return parse_message(bytes).status; };
    CHECK(status({0x01, 0x00, 0x01}) == MessageStatus::sound);
    CHECK(status({}) == MessageStatus::bad_length);
    CHECK(status({0x01, 0x01}) == MessageStatus::bad_length);
    CHECK(status({0x01, 0x00, 0x02}) == MessageStatus::bad_checksum);
    CHECK(status({0x01, 0x01, 0x00}) == MessageStatus::bad_length);
    CHECK(status({0x05, 0x02, 0x41, 0x00, 0x46}) == MessageStatus::sound);
    CHECK(status({0x05, 0x01, 0x41, 0x00, 0x45}) == MessageStatus::bad_length);
}

TEST_CASE("PING and RST are the bytes of the recordings") {
    CHECK(bytes_of(ping_frame()) == Bytes{0x00, 0x04, 0x02, 0x01, 0x02, 0x01});
    CHECK(bytes_of(reset_frame()) == Bytes{0x00, 0x04, 0x02, 0x06, 0x02, 0x06});
}

TEST_CASE("An acknowledgement says type, year and uid, and has exactly ten bytes") {
    Bytes payload{0x06, 0x1A, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01};
    const auto device = parse_acknowledgement(payload);
    REQUIRE(device);
    CHECK(device->type == 6);
    CHECK(device->year == 26);
    CHECK(device->uid == 0x0123456789ABCDEF);
    payload.push_back(0);
    CHECK_FALSE(parse_acknowledgement(payload));
    payload.resize(9);
    CHECK_FALSE(parse_acknowledgement(payload));
}

TEST_CASE("A LOG is its text up to the NUL") {
    CHECK(parse_log(Bytes{'H', 'i', 0}) == "Hi");
    CHECK(parse_log(Bytes{'H', 0, 'i'}) == "H");
    CHECK(parse_log(Bytes{0}) == "");
    CHECK_FALSE(parse_log(Bytes{'H', 'i'}));
    CHECK_FALSE(parse_log(Bytes{}));
}

TEST_CASE(
    "DATA carries the values whose bits are set, and false bits and bytes behind the last value are "
    "ignored") {
    const DeviceType& type = field_type(test::koala_bear);
    Values values{};
    values[1] = Value::of(9.0F);
    Bytes payload;
    wire::append(payload, 0b101, 4);
    wire::append(payload, Value::of(0.5F).bits, 4);
    wire::append(payload, 7, 1);  // a BOOL other than 0 and 1
    CHECK(parse_device_data(payload, type, values) == 0b101U);
    CHECK(values[0].floating() == 0.5F);
    CHECK(values[1].floating() == 9.0F);
    CHECK(values[2] == Value::of(true));

    SECTION("bits past the last parameter") {
        payload[2] = payload[3] = 0xFF;
        CHECK(parse_device_data(payload, type, values) == 0b101U);
    }
    SECTION("bytes behind") {
        payload.resize(132);
        CHECK(parse_device_data(payload, type, values) == 0b101U);
    }
    SECTION("an empty bitmap") {
        CHECK(parse_device_data(Bytes(4), type, values) == 0U);
    }
    SECTION("a payload that is too short changes nothing") {
        const Values before = values;
        payload[4] = 0x11;
        payload.pop_back();
        CHECK_FALSE(parse_device_data(payload, type, values));
        CHECK_FALSE(parse_device_data(Bytes(3), type, values));
        CHECK(values == before);
    }
}

TEST_CASE("A value that the type does not report takes its bytes but is not kept") {
    const DeviceType& type = field_type(test::dummy_device);
    Bytes payload;
    wire::append(payload, 1U << 6 | 1U << 12, 4);  // SENS (write only), PIEF
    wire::append(payload, 111, 4);
    wire::append(payload, 222, 4);
    Values values{};
    CHECK(parse_device_data(payload, type, values) == 1U << 12);
    CHECK(values[6].bits == 0);
    CHECK(values[12].integer() == 222);
}

TEST_CASE("DEVICE_WRITE is the bytes of the recordings, for every device that can be written") {
    for (const char* device : {"DummyDevice", "KoalaBear", "ServoControl"}) {
        const auto recording = test::Recording::load(device);
        const DeviceType& type = field_type(recording.type);
        for (const auto& event : recording.events) {
            if (event.kind != "DEVICE_WRITE")
                continue;
            const auto carried = wire::parse_values(wire::decode(event.frame)->payload, type);
            Values values{};
            std::uint32_t bitmap = 0;
            for (const auto& [index, bits] : *carried) {
                values[index] = {bits};
                bitmap |= 1U << index;
            }
            CHECK(bytes_of(device_write_frame(type, bitmap, values)) == event.frame);
            // Bits of parameters that cannot be written never reach the wire.
            CHECK(bytes_of(device_write_frame(type, bitmap | ~type.bitmap(&ParameterType::write), values)) ==
                  event.frame);
        }
    }
}

TEST_CASE("The largest DEVICE_WRITE fits a frame") {
    DeviceType type = field_type(test::general_test_device);
    for (auto& parameter : type.parameters) {
        parameter.kind = ParameterKind::integer;
        parameter.write = true;
    }
    Values values;
    values.fill(Value::of(-1));
    const Frame frame = device_write_frame(type, 0xFFFFFFFF, values);
    CHECK(frame.size == max_frame_size);
    const auto message = wire::decode(bytes_of(frame));
    REQUIRE(message);
    CHECK(wire::parse_values(message->payload, type)->size() == 32);
}
