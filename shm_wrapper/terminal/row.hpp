#pragma once
/// Rows of a screen. No I/O.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runtime {

struct ScreenSize {
    std::size_t rows;
    std::size_t columns;
};

/// SGR sequences that set text off; plain ends each.
namespace style {
inline constexpr std::string_view plain = "\x1B[0m";
inline constexpr std::string_view bold = "\x1B[1m";
inline constexpr std::string_view faint = "\x1B[2m";
inline constexpr std::string_view red = "\x1B[31m";
inline constexpr std::string_view green = "\x1B[32m";
inline constexpr std::string_view yellow = "\x1B[33m";
}  // namespace style

/// The characters of a valid UTF-8 text.
std::size_t characters(std::string_view text) noexcept;
/// At most the first `count` characters of a valid UTF-8 text.
std::string_view first_characters(std::string_view text, std::size_t count) noexcept;
/// Any text as it may stand in a row: printable(), and no tab either, which would move the cursor.
std::string in_a_row(std::string_view text);

/// A number as people read it, with at most four significant digits.
std::string number_text(float number);

/// One row, built from the left, that never becomes wider than the screen.
class Row {
  public:
    explicit Row(std::size_t width) : left_(width) {}

    Row& add(std::string_view text, std::string_view style = {});
    /// A name and its value, filled up with spaces. The value is shown whole, whatever the name.
    Row& add_column(std::string_view name, std::string_view value, std::size_t width);
    std::string text() && { return std::move(text_); }

  private:
    std::size_t left_;
    std::string text_;
};

/// A line across the screen with a title in it.
std::string title_row(std::string_view title, std::size_t width);
/// A text in as many rows as it takes, at least one, broken between words where that can be. All but the
/// first are indented, two more than the text is. `width`: not 0.
std::vector<std::string> wrapped_rows(std::string_view text, std::size_t width, std::string_view style = {});
/// What a terminal is sent to show these rows, all that it has, in the place of what it shows.
std::string frame_of(const std::vector<std::string>& rows);

}  // namespace runtime
