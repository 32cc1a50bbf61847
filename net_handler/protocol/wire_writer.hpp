#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace runtime::net {

/// Writes protobuf's wire format into a buffer that the caller has made large enough: DevData and Text go out
/// a hundred times a second, and the generated classes would allocate for each name.
class WireWriter {
  public:
    explicit WireWriter(std::span<std::uint8_t> out) noexcept : out_(out) {}

    std::size_t size() const noexcept { return size_; }

    void varint(std::uint64_t value) noexcept {
        while (value >= 0x80) {
            byte(static_cast<std::uint8_t>(value | 0x80));
            value >>= 7;
        }
        byte(static_cast<std::uint8_t>(value));
    }
    void varint_field(std::uint32_t field, std::uint64_t value) noexcept {
        tag(field, 0);
        varint(value);
    }
    void float_field(std::uint32_t field, float value) noexcept {
        tag(field, 5);
        const auto bits = std::bit_cast<std::uint32_t>(value);
        for (unsigned shift = 0; shift < 32; shift += 8)
            byte(static_cast<std::uint8_t>(bits >> shift));
    }
    void string_field(std::uint32_t field, std::string_view text) noexcept {
        tag(field, 2);
        varint(text.size());
        std::memcpy(out_.data() + size_, text.data(), text.size());
        size_ += text.size();
    }
    /// A message field whose content `write_content` writes.
    template <class Content>
    void message_field(std::uint32_t field, Content&& write_content) noexcept {
        tag(field, 2);
        const std::size_t start = size_;
        write_content();
        const std::size_t length = size_ - start;
        std::array<std::uint8_t, 5> prefix{};
        WireWriter prefix_writer(prefix);
        prefix_writer.varint(length);
        const std::size_t shift = prefix_writer.size();
        std::memmove(out_.data() + start + shift, out_.data() + start, length);
        std::memcpy(out_.data() + start, prefix.data(), shift);
        size_ += shift;
    }

  private:
    void tag(std::uint32_t field, std::uint32_t wire_type) noexcept { varint(field << 3 | wire_type); }
    void byte(std::uint8_t value) noexcept { out_[size_++] = value; }

    std::span<std::uint8_t> out_;
    std::size_t size_ = 0;
};

}  // namespace runtime::net
