/// The decoder: any bytes, in pieces as the first byte says. It must find the frames that a whole pass finds,
/// and what it decodes must encode to the same frame.
#include <algorithm>
#include <vector>

#include "dev_handler/frame.hpp"
#include "tests/fuzz/dev_handler/fuzz_types.hpp"

using namespace runtime::dev_handler;
using runtime::fuzz::expect;
using Bytes = std::vector<std::uint8_t>;

namespace {

std::vector<Bytes> decode(std::span<const std::uint8_t> bytes, std::size_t piece) {
    FrameDecoder decoder;
    std::vector<Bytes> messages;
    while (!bytes.empty()) {
        auto part = bytes.first(std::min(piece, bytes.size()));
        bytes = bytes.subspan(part.size());
        while (!part.empty()) {
            const std::size_t before = part.size();
            const DecodedFrame frame = decoder.next(part);
            expect(part.size() < before);
            expect(frame.raw.size() <= max_frame_size);
            if (frame.status != FrameStatus::whole)
                continue;
            expect(frame.message.size() >= min_message_size && frame.message.size() <= max_message_size);
            messages.emplace_back(frame.message.begin(), frame.message.end());
            const Frame again = encode_frame(frame.message);
            expect(std::ranges::equal(again.view(), frame.raw));
        }
    }
    return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::span<const std::uint8_t> bytes(data + 1, size - 1);
    expect(decode(bytes, 1U + data[0]) == decode(bytes, size));
    return 0;
}
