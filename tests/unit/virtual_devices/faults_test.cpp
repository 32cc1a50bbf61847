#include "tests/virtual_devices/faults.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/virtual_devices/support.hpp"
#include "tests/virtual_devices/simulation.hpp"

namespace runtime::virtual_devices {

TEST_CASE("faults are set and taken back by name") {
    Faults faults;
    CHECK_FALSE(set_fault(faults, "silence", ""));
    CHECK(faults.silence);
    CHECK_FALSE(set_fault(faults, "silence", "off"));
    CHECK_FALSE(faults.silence);
    CHECK_FALSE(set_fault(faults, "corruption", "0.25:drop"));
    CHECK(faults.corruption == 0.25);
    CHECK(faults.corruption_kind == Corruption::drop);
    CHECK_FALSE(set_fault(faults, "corruption", "off"));
    CHECK(faults.corruption == 0);
    CHECK_FALSE(set_fault(faults, "no-watchdog", ""));
    CHECK(faults.defects.no_watchdog);
    CHECK_FALSE(set_fault(faults, "boot-silence", "2000"));
    CHECK(faults.boot_silence == 2 * second);
    CHECK_FALSE(set_fault(faults, "unknown-type", "200"));
    CHECK(faults.defects.announced_type == 200);
    CHECK_FALSE(set_fault(faults, "unknown-type", "off"));
    CHECK_FALSE(faults.defects.announced_type);
}

TEST_CASE("a fault that does not exist or has a wrong value is refused with a reason") {
    Faults faults;
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"sillence", ""},
             {"silence", "maybe"},
             {"corruption", "2"},
             {"corruption", "nan"},
             {"corruption", "0.5:burn"},
             {"corruption", ""},
             {"boot-silence", "soon"},
             {"unknown-type", "300"},
             {"unknown-type", ""},
         }) {
        INFO(name << "=" << value);
        CHECK(set_fault(faults, name, value));
    }
}

TEST_CASE("corruption changes a frame in one byte, each kind in its own way") {
    const Frame frame = make_frame(MessageId::ping, {});
    std::mt19937 random(1);
    for (int i = 0; i < 200; ++i) {
        std::vector<std::uint8_t> flipped;
        corrupt(frame.view(), Corruption::flip, random, flipped);
        CHECK(flipped.size() == frame.size);
        CHECK_FALSE(std::ranges::equal(flipped, frame.view()));
        std::vector<std::uint8_t> dropped;
        corrupt(frame.view(), Corruption::drop, random, dropped);
        CHECK(dropped.size() == frame.size - 1);
        std::vector<std::uint8_t> doubled;
        corrupt(frame.view(), Corruption::doubled, random, doubled);
        CHECK(doubled.size() == frame.size + 1);
    }
}

TEST_CASE("a device is requested by name or number, with uid and faults") {
    const auto plain = parse_device("KoalaBear", field_types());
    CHECK(plain.type->number == 6);
    CHECK_FALSE(plain.uid);
    const auto full = parse_device("7:0xFFFFFFFFFFFFFFFF@corruption=0.5:flip,silence,year=99", field_types());
    CHECK(full.type->name() == "PDB");
    CHECK(full.uid == 0xFFFFFFFFFFFFFFFF);
    CHECK(full.faults.corruption == 0.5);
    CHECK(full.faults.silence);
    CHECK(full.year == 99);
}

TEST_CASE("a request that makes no sense is refused with a reason") {
    for (const char* text : {"", "Nonesuch", "32", "KoalaBear:", "KoalaBear:x", "KoalaBear:-1",
                             "KoalaBear:18446744073709551616", "KoalaBear@nonsense", "KoalaBear@year=256"}) {
        INFO(text);
        CHECK_THROWS_WITH(parse_device(text, field_types()),
                          Catch::Contains("device \"" + std::string(text) + "\": "));
    }
}

TEST_CASE("every device of the whole robot exists") {
    for (const auto& device : robot_devices())
        CHECK_NOTHROW(parse_device(device, field_types()));
}

}  // namespace runtime::virtual_devices
