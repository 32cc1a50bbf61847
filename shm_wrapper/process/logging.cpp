#include "shm_wrapper/process/logging.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>

#include "shm_wrapper/process/stderr_writer.hpp"

namespace runtime {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

LogLevel from_spdlog(spdlog::level::level_enum level) {
    if (level >= spdlog::level::err)
        return LogLevel::error;
    if (level == spdlog::level::warn)
        return LogLevel::warning;
    return level == spdlog::level::info ? LogLevel::info : LogLevel::debug;
}

// A logger's name tells the sinks whose words a line is; the default logger has the program's name.
constexpr std::string_view student_name = "student";
constexpr std::string_view device_name = "device";

/// What spdlog and fmt hold, as text.
template <class Text>
std::string_view view(const Text& text) {
    return {text.data(), text.size()};
}

template <class Buffer>
void append(Buffer& buffer, std::string_view text) {
    buffer.append(text.data(), text.data() + text.size());
}

LogSource source_of(const spdlog::string_view_t& name) {
    const std::string_view text = view(name);
    if (text == student_name)
        return LogSource::student;
    return text == device_name ? LogSource::device : LogSource::daemon;
}

class RingSink : public spdlog::sinks::base_sink<std::mutex> {
  public:
    RingSink(std::string_view instance, std::string_view process) : writer_(instance, process) {}

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        writer_.append(from_spdlog(message.level), source_of(message.logger_name), view(message.payload));
    }
    void flush_() override {}

  private:
    LogWriter writer_;
};

std::shared_ptr<spdlog::logger> student_logger;
std::shared_ptr<spdlog::logger> device_logger;

/// The level prefixes that journald understands (sd-daemon(3)), then the line; journald adds time and name.
class JournalSink : public spdlog::sinks::base_sink<std::mutex> {
  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        static constexpr std::array<std::string_view, 4> priorities{"<7>", "<6>", "<4>", "<3>"};
        line_.clear();
        append(line_, priorities[static_cast<std::size_t>(from_spdlog(message.level))]);
        if (source_of(message.logger_name) != LogSource::daemon) {
            append(line_, view(message.logger_name));
            append(line_, ": ");
        }
        append(line_, view(message.payload));
        append(line_, "\n");
        writer_.write(view(line_));
    }
    void flush_() override {}

  private:
    StderrWriter writer_;
    spdlog::memory_buf_t line_;  ///< kept, so that it grows only once
};

/// Lines with the time; the level is coloured on a terminal.
class StderrSink : public spdlog::sinks::base_sink<std::mutex> {
  public:
    StderrSink() { set_pattern_("%H:%M:%S.%e %^%-7l%$ [%n] %v"); }

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        formatted_.clear();
        formatter_->format(message, formatted_);
        const std::string_view line = view(formatted_);
        if (!writer_.terminal()) {
            writer_.write(line);
            return;
        }
        static constexpr std::array<const char*, 4> colours{"\033[36m", "\033[32m", "\033[33m\033[1m",
                                                            "\033[31m\033[1m"};
        const std::size_t begin = message.color_range_start;
        const std::size_t end = message.color_range_end;
        coloured_.clear();
        append(coloured_, line.substr(0, begin));
        append(coloured_, colours[static_cast<std::size_t>(from_spdlog(message.level))]);
        append(coloured_, line.substr(begin, end - begin));
        append(coloured_, "\033[0m");
        append(coloured_, line.substr(end));
        writer_.write(view(coloured_));
    }
    void flush_() override {}

  private:
    StderrWriter writer_;
    spdlog::memory_buf_t formatted_;  ///< kept, as coloured_ is, so that they grow only once
    spdlog::memory_buf_t coloured_;
};

void install(const ProgramOptions& options, std::vector<spdlog::sink_ptr> sinks) {
    const auto level = to_spdlog(options.common().log_level);
    const auto make = [&](std::string_view name) {
        auto logger = std::make_shared<spdlog::logger>(std::string(name), sinks.begin(), sinks.end());
        logger->set_level(level);
        return logger;
    };
    spdlog::set_default_logger(make(options.program()));
    student_logger = make(student_name);
    device_logger = make(device_name);
}

spdlog::sink_ptr stderr_sink() {
    if (std::getenv("JOURNAL_STREAM") != nullptr)
        return std::make_shared<JournalSink>();
    return std::make_shared<StderrSink>();
}

/// The length of the UTF-8 sequence at the start of `text`, or 0 if there is no valid one.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                                                             : 0;
    if (length == 0 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80)
            return 0;
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool not_a_character = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
    return overlong || not_a_character ? 0 : length;
}

/// Hands `text` on in pieces that can be shown.
template <class Take>
void make_printable(std::string_view text, Take take) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto first = static_cast<unsigned char>(text[0]);
        // U+0080 to U+009F: a terminal may take them for the beginning of a command.
        const bool second_control =
            length == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
        if (length == 0)
            take("\uFFFD");
        else if ((first < 0x20 && first != '\t') || first == 0x7F || second_control)
            take("?");
        else
            take(text.substr(0, length));
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

}  // namespace

void start_logging(const ProgramOptions& options) {
    install(options,
            {stderr_sink(), std::make_shared<RingSink>(options.common().instance, options.program())});
}

void start_logging_to_stderr(const ProgramOptions& options) {
    install(options, {stderr_sink()});
}

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    make_printable(text, [&](std::string_view piece) { result += piece; });
    return result;
}

void log_line(LogLevel level, LogSource source, std::string_view line) {
    auto* logger = source == LogSource::student  ? student_logger.get()
                   : source == LogSource::device ? device_logger.get()
                                                 : spdlog::default_logger_raw();
    if (logger == nullptr)
        return;
    // On the stack, but for a long line: the words of devices are on the path of their frames.
    fmt::basic_memory_buffer<char, 1024> text;
    make_printable(line, [&](std::string_view piece) { append(text, piece); });
    logger->log(to_spdlog(level), spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace runtime
