#include "shm_wrapper/process/json.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "shm_wrapper/process/logging.hpp"

namespace runtime {
namespace {

/// The shortest form that reads back as the same number.
template <class T>
std::string shortest(T number) {
    std::array<char, 32> text;
    const auto result = std::to_chars(text.data(), text.data() + text.size(), number);
    return {text.data(), result.ptr};
}

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    quote(name);
    text_ += ": ";
    separator_due_ = false;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    quote(text);
    return *this;
}

JsonWriter& JsonWriter::value(float number) {
    return std::isfinite(number) ? plain(shortest(number)) : null();
}

JsonWriter& JsonWriter::value(double number) {
    return std::isfinite(number) ? plain(shortest(number)) : null();
}

JsonWriter& JsonWriter::begin(char bracket) {
    separate();
    text_ += bracket;
    separator_due_ = false;
    return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
    text_ += bracket;
    separator_due_ = true;
    return *this;
}

JsonWriter& JsonWriter::plain(std::string_view token) {
    separate();
    text_ += token;
    return *this;
}

void JsonWriter::separate() {
    if (separator_due_)
        text_ += ", ";
    separator_due_ = true;
}

void JsonWriter::quote(std::string_view text) {
    text_ += '"';
    for (const char character : printable(text)) {
        if (character == '\t') {
            text_ += "\\t";
            continue;
        }
        if (character == '"' || character == '\\')
            text_ += '\\';
        text_ += character;
    }
    text_ += '"';
}

}  // namespace runtime
