// A robot says anything, in any pieces, to the station, while the driver presses keys. Nothing may crash or
// grow without bound, and whatever is shown or printed commands no terminal and is one line or one JSON
// object.
#include "net_handler/station/robot_client.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "net_handler/station/printer.hpp"
#include "net_handler/station/screen.hpp"

using namespace runtime;
using namespace runtime::station;

namespace {

constexpr Nanoseconds start = 1000 * second;
/// An identity, a mode, inputs and time stamps.
constexpr std::size_t most_sent = 256;

void require(bool holds) {
    if (!holds)
        std::abort();
}

bool is_control(char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
}

/// Colours only: Escape, '[', digits and ';', 'm'.
void require_harmless(std::string_view row) {
    while (!row.empty()) {
        if (row[0] != '\x1B') {
            require(!is_control(row[0]));
            row.remove_prefix(1);
            continue;
        }
        const auto end = row.find('m');
        require(end != std::string_view::npos && row[1] == '[');
        for (const char byte : row.substr(2, end - 2))
            require((byte >= '0' && byte <= '9') || byte == ';');
        row.remove_prefix(end + 1);
    }
}

void check(const Picture& picture, std::uint64_t keys) {
    require(picture.log.size() <= kept_lines && picture.log.size() <= picture.log_lines);
    for (const auto& line : picture.log)
        require(std::none_of(line.begin(), line.end(), is_control));
    require(!picture.mode || picture.mode->mode <= runtime::RunMode::teleop);
    for (const std::size_t columns : {std::size_t{4}, std::size_t{30}, std::size_t{200}})
        for (const auto& row :
             screen_rows({"robot", "connected", true, picture, keys, keys % 100}, {12, columns}))
            require_harmless(row);
    const std::string json = devices_as_json(picture.devices, 1);
    require(std::count_if(json.begin(), json.end(), is_control) == 1 && json.back() == '\n');
    const std::string text = devices_as_text(picture.devices);
    require(std::count(text.begin(), text.end(), '\n') == picture.devices.devices_size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Nanoseconds time = start;
    RobotClient client;
    client.connected(time);
    std::uint64_t keys = 0;
    std::span<const std::uint8_t> rest(data, size);
    while (!rest.empty()) {
        const std::uint8_t step = rest[0];
        rest = rest.subspan(1);
        if ((step & 0x80) != 0) {
            const std::size_t count = std::min<std::size_t>(step & 0x7F, rest.size());
            if (!client.receive({reinterpret_cast<const char*>(rest.data()), count}, time))
                client.connected(time);
            rest = rest.subspan(count);
        } else if (step == 0x7F) {
            client.leave();
        } else if (step == 0x7E) {
            client.connected(time);
        } else if ((step & 0x40) != 0) {
            client.set_mode(static_cast<runtime::RunMode>(step % 3));
            keys = keys * 2 + 1;
            client.press({keys, std::nullopt});
        } else {
            time += 10 * millisecond * step;
            std::string out;
            client.compose(out, time, static_cast<std::uint64_t>(time / millisecond));
            require(out.size() <= most_sent);
            require(client.due() > time);
        }
    }
    check(client.picture(), keys);
    return 0;
}
