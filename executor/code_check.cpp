#include "executor/code_check.hpp"

#include <boost/asio/post.hpp>
#include <csignal>
#include <filesystem>
#include <utility>
#include <variant>

#include "executor/student_code_file.hpp"
#include "shm_wrapper/process/logging.hpp"

namespace runtime::executor {
namespace {

namespace asio = boost::asio;

bool same_file(const struct stat& one, const struct stat& other) {
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_size == other.st_size &&
           one.st_mtim.tv_sec == other.st_mtim.tv_sec && one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

}  // namespace

CodeCheck::CodeCheck(asio::io_context& loop, CodeCheckOptions options)
    : loop_(loop),
      options_(std::move(options)),
      watch_(loop, options_.student_code, [this] { file_changed(); }),
      limit_timer_(loop) {}

void CodeCheck::file_changed() {
    if (child_) {
        again_ = true;
        return;
    }
    auto file = open_student_code(options_.student_code);
    if (const auto* problem = std::get_if<std::string>(&file)) {
        checked_ = {};
        seen_ = true;
        if (*problem != std::exchange(last_problem_, *problem))
            log_line(LogLevel::warning, LogSource::student, *problem);
        return;
    }
    last_problem_.clear();
    struct stat status {};
    const Descriptor& code = std::get<Descriptor>(file);
    if (fstat(code.get(), &status) == 0 && same_file(status, checked_))
        return;
    checked_ = status;
    launch_check(code);
}

void CodeCheck::launch_check(const Descriptor& code) {
    try {
        auto launched = launch(options_.student_process,
                               {"--instance", options_.instance, "--student-code", options_.student_code,
                                "--scratch", options_.scratch, "--check"},
                               code, Descriptor());
        child_ = std::make_unique<StudentChild>(loop_, std::move(launched));
    } catch (const std::exception& error) {
        spdlog::error("the student program cannot be checked, trying again: {}", error.what());
        limit_timer_.expires_after(retry_delay);
        limit_timer_.async_wait([this](const auto& timer_error) {
            if (timer_error)
                return;
            checked_ = {};
            file_changed();
        });
        return;
    }
    reports_ = 0;
    child_->set_events({[this](const ReportHeader& header, std::string_view text) { report(header, text); },
                        [](std::string_view line) { spdlog::warn("check: {}", printable(line)); },
                        [this](int status) { ended(status); }});
    limit_timer_.expires_after(limit);
    limit_timer_.async_wait([this](const auto& error) {
        if (!error && child_)
            child_->signal(SIGKILL);
    });
}

void CodeCheck::report(const ReportHeader& header, std::string_view text) {
    if (header.kind != ReportKind::message || ++reports_ > max_reports)
        return;
    while (!text.empty()) {
        const auto end = text.find('\n');
        log_line(std::min(header.level, LogLevel::error), LogSource::student, text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

void CodeCheck::ended(int status) {
    // The object may not go while one of its own handlers runs.
    asio::post(loop_, [old = std::shared_ptr<StudentChild>(std::move(child_))] {});
    limit_timer_.cancel();
    if (status != 0)
        spdlog::error("the check of the student program has broken off (wait status {})", status);
    spdlog::info("{}student code: {}; the next mode runs it", std::exchange(seen_, true) ? "new " : "",
                 std::filesystem::path(options_.student_code).filename().string());
    if (std::exchange(again_, false))
        file_changed();
}

}  // namespace runtime::executor
