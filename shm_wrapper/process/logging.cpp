#include "shm_wrapper/process/logging.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>

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

// A logger's name tells the sink whose words a line is.
constexpr std::array<const char*, 3> source_names{"", "student", "device"};

LogSource source_of(const spdlog::string_view_t& name) {
    const std::string_view text(name.data(), name.size());
    if (text == source_names[1])
        return LogSource::student;
    return text == source_names[2] ? LogSource::device : LogSource::daemon;
}

class RingSink : public spdlog::sinks::base_sink<std::mutex> {
  public:
    RingSink(std::string_view instance, std::string_view process) : writer_(instance, process) {}

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        writer_.append(from_spdlog(message.level), source_of(message.logger_name),
                       {message.payload.data(), message.payload.size()});
    }
    void flush_() override {}

  private:
    LogWriter writer_;
};

std::array<std::shared_ptr<spdlog::logger>, 2> voices;  // student, device

/// The level prefixes that journald understands (sd-daemon(3)), then the line; journald adds time and name.
class JournalSink : public spdlog::sinks::base_sink<std::mutex> {
  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        static constexpr std::array<int, 4> priorities{7, 6, 4, 3};
        const int priority = priorities[static_cast<std::size_t>(from_spdlog(message.level))];
        const std::string_view name(message.logger_name.data(), message.logger_name.size());
        std::fprintf(stderr, "<%d>%.*s%s%.*s\n", priority, static_cast<int>(name.size()), name.data(),
                     name.empty() ? "" : ": ", static_cast<int>(message.payload.size()),
                     message.payload.data());
    }
    void flush_() override {}
};

void install(const ProgramOptions& options, std::vector<spdlog::sink_ptr> sinks) {
    const auto level = to_spdlog(options.common().log_level);
    const auto make = [&](const char* name, const std::string& shown) {
        auto logger = std::make_shared<spdlog::logger>(name, sinks.begin(), sinks.end());
        (void)shown;
        logger->set_level(level);
        return logger;
    };
    spdlog::set_default_logger(make("", options.program()));
    for (std::size_t i = 0; i < voices.size(); ++i)
        voices[i] = make(source_names[i + 1], source_names[i + 1]);
}

spdlog::sink_ptr stderr_sink(const ProgramOptions& options) {
    if (std::getenv("JOURNAL_STREAM") != nullptr)
        return std::make_shared<JournalSink>();
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    sink->set_pattern("%H:%M:%S.%e %^%-7l%$ [" + options.program() + "] %v");
    return sink;
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

}  // namespace

void start_logging(const ProgramOptions& options) {
    install(options,
            {stderr_sink(options), std::make_shared<RingSink>(options.common().instance, options.program())});
}

void start_logging_to_stderr(const ProgramOptions& options) {
    install(options, {stderr_sink(options)});
}

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto first = static_cast<unsigned char>(text[0]);
        if (length == 0)
            result += "\uFFFD";
        else if ((first < 0x20 && first != '\t') || first == 0x7F)
            result += '?';
        else
            result += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return result;
}

void log_line(LogLevel level, LogSource source, std::string_view line) {
    auto* logger = source == LogSource::daemon ? spdlog::default_logger_raw()
                                               : voices[static_cast<std::size_t>(source) - 1].get();
    const std::string text = printable(line);
    if (logger != nullptr)
        logger->log(to_spdlog(level), spdlog::string_view_t(text));
}

}  // namespace runtime
