#pragma once
#include <concepts>
#include <string>
#include <string_view>

namespace runtime {

/// Writes one JSON text in one line. It is valid JSON in valid UTF-8 whatever the values hold: text becomes
/// printable() first, a number that is not finite becomes null. The caller sees to it that what begins ends,
/// and that each value of an object has its key.
class JsonWriter {
  public:
    JsonWriter& begin_object() { return begin('{'); }
    JsonWriter& end_object() { return end('}'); }
    JsonWriter& begin_array() { return begin('['); }
    JsonWriter& end_array() { return end(']'); }
    JsonWriter& key(std::string_view name);

    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(float number);
    JsonWriter& value(double number);
    JsonWriter& value(bool flag) { return plain(flag ? "true" : "false"); }
    JsonWriter& value(std::integral auto number) { return plain(std::to_string(number)); }
    JsonWriter& null() { return plain("null"); }

    /// A member of an object.
    template <class T>
    JsonWriter& member(std::string_view name, const T& content) {
        return key(name).value(content);
    }

    std::string text() && { return std::move(text_); }

  private:
    JsonWriter& begin(char bracket);
    JsonWriter& end(char bracket);
    JsonWriter& plain(std::string_view token);
    void separate();
    void quote(std::string_view text);

    std::string text_;
    bool separator_due_ = false;
};

}  // namespace runtime
