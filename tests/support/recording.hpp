#pragma once
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/wire.hpp"

namespace runtime::test {

/// A recorded conversation with a device that runs its real firmware (tests/fixtures/serial/).
struct Recording {
    struct Event {
        bool from_device;
        std::string kind;  ///< PING, ACK, DEVICE_WRITE, DEVICE_DATA, LOG, RST
        Bytes frame;
    };
    std::uint8_t type = 0;
    std::uint8_t year = 0;
    std::uint64_t uid = 0;
    std::vector<Event> events;

    static Recording load(const std::string& device) {
        std::ifstream file(FIXTURES_DIRECTORY "/serial/" + device + ".json");
        const auto json = nlohmann::json::parse(file);
        Recording recording;
        recording.type = json.at("type").get<std::uint8_t>();
        recording.year = json.at("year").get<std::uint8_t>();
        recording.uid = std::strtoull(json.at("uid").get<std::string>().c_str(), nullptr, 16);
        for (const auto& event : json.at("events")) {
            Bytes frame;
            const auto hex = event.at("hex").get<std::string>();
            for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
                frame.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
            recording.events.push_back({event.at("dir") == "d2h", event.at("kind"), frame});
        }
        return recording;
    }
};

inline const std::vector<std::string> recorded_devices{"DummyDevice",  "KoalaBear", "LimitSwitch",
                                                       "LineFollower", "PDB",       "ServoControl"};

}  // namespace runtime::test
