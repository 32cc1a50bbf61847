#include "net_handler/protocol/device_data.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "shm_wrapper/device_types_file.hpp"
#include "tests/support/driver_station.hpp"

using namespace runtime;
using namespace runtime::net;
using runtime::test::find_parameter;

namespace {

const DeviceTypes& types() {
    static const auto read = std::make_unique<DeviceTypes>(
        read_device_types(SOURCE_DIRECTORY "/shm_wrapper/device_types.textproto"));
    return *read;
}

std::unique_ptr<RobotView> empty_view() {
    auto view = std::make_unique<RobotView>();
    view->device_count = 0;
    view->custom_count = 0;
    return view;
}

DevData written(const RobotView& view, std::int64_t connected_ms = 0, std::size_t* size = nullptr) {
    std::vector<std::uint8_t> out(header_size + max_payload);
    const std::size_t written_size =
        write_device_data(std::span<std::uint8_t, header_size + max_payload>(out), view, connected_ms);
    CHECK(out[0] == 3);
    CHECK(written_size == header_size + (out[1] | static_cast<std::size_t>(out[2]) << 8));
    DevData data;
    REQUIRE(data.ParseFromArray(out.data() + header_size, static_cast<int>(written_size - header_size)));
    if (size != nullptr)
        *size = written_size;
    return data;
}

CustomValue custom(const std::string& key, ParameterKind kind, Value value) {
    CustomValue entry{};
    key.copy(entry.key.data(), custom_key_size - 1);
    entry.kind = kind;
    entry.value = value;
    return entry;
}

}  // namespace

TEST_CASE("with nothing connected DevData is CustomData with the time") {
    const auto data = written(*empty_view(), 5000);
    REQUIRE(data.devices_size() == 1);
    const auto& device = data.devices(0);
    CHECK(device.name() == "CustomData");
    CHECK(device.type() == 32);
    CHECK(device.uid() == 2020);
    REQUIRE(device.params_size() == 1);
    CHECK(device.params(0).name() == "time_ms");
    CHECK(device.params(0).ival() == 5000);
    CHECK(device.params(0).readonly());
}

TEST_CASE("every readable parameter of every type is there with its kind, in order, readonly where it is") {
    auto view = empty_view();
    std::vector<const DeviceType*> placed;
    for (std::size_t i = 0; i < types().count; ++i) {
        const DeviceType& type = types().list[i];
        placed.push_back(&type);
        DeviceView device{&type, 0xFFFF'FFFF'FFFF'FFF0 + i, 0xFFFF'FFFF, {}};
        for (std::size_t p = 0; p < type.parameter_count; ++p)
            device.values[p] = type.parameters[p].kind == ParameterKind::integer    ? Value::of(-7)
                               : type.parameters[p].kind == ParameterKind::floating ? Value::of(-0.5F)
                                                                                    : Value{0xF0};
        view->devices[view->device_count++] = device;
    }
    const auto data = written(*view);
    REQUIRE(static_cast<std::size_t>(data.devices_size()) == placed.size() + 1);
    for (std::size_t i = 0; i < placed.size(); ++i) {
        const auto& device = data.devices(static_cast<int>(i));
        CHECK(device.name() == placed[i]->name());
        CHECK(device.type() == placed[i]->number);
        CHECK(device.uid() == 0xFFFF'FFFF'FFFF'FFF0 + i);
        int at = 0;
        for (std::size_t p = 0; p < placed[i]->parameter_count; ++p) {
            const auto& parameter = placed[i]->parameters[p];
            if (!parameter.read)
                continue;
            REQUIRE(at < device.params_size());
            const auto& shown_parameter = device.params(at++);
            CHECK(shown_parameter.name() == parameter.name());
            CHECK(shown_parameter.readonly() == !parameter.write);
            if (parameter.kind == ParameterKind::integer)
                CHECK(shown_parameter.ival() == -7);
            if (parameter.kind == ParameterKind::floating)
                CHECK(shown_parameter.fval() == -0.5F);
            if (parameter.kind == ParameterKind::boolean)
                CHECK(shown_parameter.bval());
        }
        CHECK(at == device.params_size());
    }
}

TEST_CASE("a parameter that was not reported has the value zero, not none") {
    auto view = empty_view();
    view->devices[view->device_count++] = {types().find(1), 9, 0b101, {Value{1}, Value{1}, Value{1}}};
    const auto data = written(*view);
    CHECK(find_parameter(data, "1_9", "switch0")->bval());
    CHECK(find_parameter(data, "1_9", "switch1")->val_case() == Param::kBval);
    CHECK_FALSE(find_parameter(data, "1_9", "switch1")->bval());
    CHECK(find_parameter(data, "1_9", "switch2")->bval());
}

TEST_CASE("integers arrive as they are, negative ones too, though they are written in five bytes") {
    for (const std::int32_t value : {0, 1, -1, 127, 128, std::numeric_limits<std::int32_t>::max(),
                                     std::numeric_limits<std::int32_t>::min()}) {
        auto view = empty_view();
        view->custom[view->custom_count++] = custom("number", ParameterKind::integer, Value::of(value));
        CHECK(find_parameter(written(*view), "CustomData", "number")->ival() == value);
    }
}

TEST_CASE("logged values are shown before the time, all readonly") {
    auto view = empty_view();
    view->custom[view->custom_count++] = custom("speed", ParameterKind::floating, Value::of(1.5F));
    view->custom[view->custom_count++] = custom("größe", ParameterKind::boolean, Value{2});
    const auto data = written(*view);
    const auto& device = data.devices(0);
    REQUIRE(device.params_size() == 3);
    CHECK(device.params(0).fval() == 1.5F);
    CHECK(device.params(0).readonly());
    CHECK(device.params(1).name() == "größe");
    CHECK(device.params(1).bval());
    CHECK(device.params(2).name() == "time_ms");
}

TEST_CASE("the time stays an INT that a client can read, however long it is connected") {
    const auto time = [](std::int64_t ms) {
        return find_parameter(written(*empty_view(), ms), "CustomData", "time_ms")->ival();
    };
    CHECK(time(-5) == 0);
    CHECK(time(1LL << 40) == std::numeric_limits<std::int32_t>::max());
}

TEST_CASE("the largest possible DevData fits into one packet") {
    DeviceType largest{};
    largest.number = 255;
    largest.parameter_count = max_parameters;
    largest.name_bytes.fill('n');
    largest.name_bytes.back() = '\0';
    for (auto& parameter : largest.parameters) {
        parameter.name_bytes = largest.name_bytes;
        parameter.kind = ParameterKind::integer;
        parameter.read = true;
    }
    auto view = empty_view();
    for (std::size_t i = 0; i < max_devices; ++i) {
        DeviceView device{&largest, std::numeric_limits<std::uint64_t>::max(), 0xFFFF'FFFF, {}};
        device.values.fill(Value::of(-1));
        view->devices[view->device_count++] = device;
    }
    for (std::size_t i = 0; i < max_custom_values; ++i)
        view->custom[view->custom_count++] =
            custom(std::string(custom_key_size - 1, 'k'), ParameterKind::integer, Value::of(-1));
    std::size_t size = 0;
    const auto data = written(*view, 1LL << 40, &size);
    CHECK(size > 60000);
    REQUIRE(data.devices_size() == 33);
    for (int i = 0; i < 32; ++i) {
        REQUIRE(data.devices(i).params_size() == 32);
        CHECK(data.devices(i).params(31).ival() == -1);
    }
    CHECK(data.devices(32).params_size() == 256);
}

TEST_CASE("a slot is shown when its device is connected and has values of this connection") {
    const DeviceType* readable = types().find(1);
    const DeviceIdentity identity{7, 1, 4, 1, 0, true, 0, {}, 0};
    const DeviceData data{5, 4, 7, {}};
    CHECK(shown(identity, data, readable));
    CHECK_FALSE(shown(identity, data, nullptr));
    auto gone = identity;
    gone.connected = false;
    CHECK_FALSE(shown(gone, data, readable));
    auto old = data;
    old.generation = 3;
    CHECK_FALSE(shown(identity, old, readable));
    auto none = data;
    none.time = 0;
    CHECK_FALSE(shown(identity, none, readable));

    DeviceType write_only{};
    write_only.parameter_count = 1;
    write_only.parameters[0].write = true;
    CHECK(shown(identity, none, &write_only));
}

TEST_CASE("a logged value that the student process has written wrong is not shown") {
    const auto good = custom("key", ParameterKind::integer, Value::of(1));
    CHECK(shown(good));
    CHECK(shown(custom(std::string(63, 'k'), ParameterKind::boolean, Value{})));
    CHECK_FALSE(shown(custom("", ParameterKind::integer, Value{})));
    CHECK_FALSE(shown(custom("id", ParameterKind::integer, Value{})));
    CHECK_FALSE(shown(custom("time_ms", ParameterKind::integer, Value{})));
    CHECK_FALSE(shown(custom("line\nbreak", ParameterKind::integer, Value{})));
    CHECK_FALSE(shown(custom("\xC3", ParameterKind::integer, Value{})));
    CHECK_FALSE(shown(custom("\xED\xA0\x80", ParameterKind::integer, Value{})));
    CHECK_FALSE(shown(custom("key", static_cast<ParameterKind>(3), Value{})));
    auto endless = good;
    endless.key.fill('k');
    CHECK_FALSE(shown(endless));
}

TEST_CASE("the battery is v_batt of a PDB or BatteryBuzzer, 0 without one and for what is no number") {
    auto view = empty_view();
    CHECK(battery_voltage(*view) == 0);
    view->devices[view->device_count++] = {types().find(1), 9, 7, {}};
    CHECK(battery_voltage(*view) == 0);
    for (const std::uint8_t number : {std::uint8_t{3}, std::uint8_t{7}}) {
        DeviceView board{types().find(number), 1, 0xFF, {}};
        board.values[5] = Value::of(11.25F);
        view->devices[1] = board;
        view->device_count = 2;
        CHECK(battery_voltage(*view) == 11.25F);
        for (const float none :
             {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            view->devices[1].values[5] = Value::of(none);
            CHECK(battery_voltage(*view) == 0);
        }
        view->devices[1].received = 0;
        CHECK(battery_voltage(*view) == 0);
    }
}
