/// The message parser: the input is one decoded message, with its checksum put right half of the time so that
/// the fuzzer gets past it.
#include <algorithm>
#include <vector>

#include "dev_handler/message.hpp"
#include "tests/fuzz/dev_handler/fuzz_types.hpp"

using namespace runtime;
using namespace runtime::dev_handler;
using runtime::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    std::vector<std::uint8_t> bytes(data + 1, data + size);
    if ((data[0] & 1U) != 0 && bytes.size() >= 2) {
        bytes.back() = 0;
        std::uint8_t sum = 0;
        for (const auto byte : bytes)
            sum ^= byte;
        bytes.back() = sum;
    }
    const Message message = parse_message(bytes);
    if (message.status != MessageStatus::sound)
        return 0;
    expect(message.payload.size() + 3 == bytes.size());
    (void)parse_acknowledgement(message.payload);
    if (const auto text = parse_log(message.payload))
        expect(text->size() < message.payload.size() && text->find('\0') == std::string_view::npos);
    for (std::size_t i = 0; i < fuzz::types().count; ++i) {
        const DeviceType& type = fuzz::types().list[i];
        Values values{};
        const auto reported = parse_device_data(message.payload, type, values);
        if (!reported)
            continue;
        expect((*reported & ~type.bitmap(&ParameterType::read)) == 0);
        for (std::size_t k = 0; k < max_parameters; ++k)
            expect((*reported >> k & 1U) != 0 || values[k].bits == 0);
        const Frame frame = device_write_frame(type, *reported, values);
        expect(frame.size <= max_frame_size);
        expect(std::count(frame.view().begin() + 1, frame.view().end(), delimiter) == 0);
    }
    return 0;
}
