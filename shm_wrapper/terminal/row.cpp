#include "shm_wrapper/terminal/row.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "shm_wrapper/process/logging.hpp"

namespace runtime {
namespace {

/// Whether the byte begins a character of UTF-8.
bool begins_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

}  // namespace

std::size_t characters(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string_view first_characters(std::string_view text, std::size_t count) noexcept {
    std::size_t end = 0;
    for (; end < text.size(); ++end)
        if (begins_character(text[end]) && count-- == 0)
            break;
    return text.substr(0, end);
}

std::string in_a_row(std::string_view text) {
    std::string shown = printable(text);
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    return shown;
}

std::string number_text(float number) {
    std::array<char, 64> text;
    const auto result =
        std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::general, 4);
    return {text.data(), result.ptr};
}

Row& Row::add(std::string_view text, std::string_view style) {
    const std::string_view part = first_characters(text, left_);
    left_ -= characters(part);
    text_.append(style).append(part).append(style.empty() ? "" : style::plain);
    return *this;
}

Row& Row::add_column(std::string_view name, std::string_view value, std::size_t width) {
    const std::size_t for_name = width - 2 - std::min(width - 3, characters(value));
    std::string text(first_characters(name, for_name));
    if (characters(name) > for_name)
        text = std::string(first_characters(name, for_name - 1)) + "…";
    text.append(" ").append(value);
    return add(text).add(std::string(width - std::min(width, characters(text)), ' '));
}

std::string title_row(std::string_view title, std::size_t width) {
    std::string text = "── " + std::string(title) + " ";
    for (std::size_t i = characters(text); i < width; ++i)
        text += "─";
    Row row(width);
    row.add(text, style::faint);
    return std::move(row).text();
}

std::vector<std::string> wrapped_rows(std::string_view text, std::size_t width, std::string_view style) {
    constexpr std::size_t deeper = 2;
    const std::size_t first_word = std::min(text.find_first_not_of(' '), text.size());
    const std::string indentation(first_word + deeper <= width / 2 ? first_word + deeper : 0, ' ');
    std::vector<std::string> rows;
    do {
        const std::string_view before = rows.empty() ? std::string_view() : indentation;
        std::string_view part = first_characters(text, width - before.size());
        // Between words where there are some, which the indentation of the text is none of.
        if (part.size() < text.size() && text[part.size()] != ' ')
            if (const auto space = part.rfind(' ');
                space != std::string_view::npos && part.find_first_not_of(' ') < space)
                part = part.substr(0, space);
        Row row(width);
        row.add(std::string(before).append(part), style);
        rows.push_back(std::move(row).text());
        text.remove_prefix(part.size());
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    } while (!text.empty());
    return rows;
}

std::string frame_of(const std::vector<std::string>& rows) {
    std::string frame = "\x1B[H";  // to the top left
    for (std::size_t i = 0; i < rows.size(); ++i)
        // Emptied first: behind a row of full width the cursor stands on its last character.
        frame.append(i == 0 ? "" : "\r\n").append("\x1B[2K").append(rows[i]);
    return frame;
}

}  // namespace runtime
