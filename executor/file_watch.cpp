#include "executor/file_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace runtime::executor {
namespace {

int make_inotify() {
    const int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0)
        throw std::system_error(errno, std::generic_category(), "cannot watch for changes of files");
    return descriptor;
}

}  // namespace

FileWatch::FileWatch(boost::asio::io_context& loop, const std::string& path, std::function<void()> changed)
    : directory_(std::filesystem::path(path).parent_path().string()),
      name_(std::filesystem::path(path).filename().string()),
      changed_(std::move(changed)),
      events_(loop, make_inotify()),
      quiet_timer_(loop),
      rescan_timer_(loop) {
    watch_directory();
    wait_for_events();
    wait_for_quiet();
}

void FileWatch::watch_directory() {
    watch_ = inotify_add_watch(events_.native_handle(), directory_.c_str(),
                               IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO |
                                   IN_MOVED_FROM | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
    if (watch_ >= 0)
        return;
    rescan_timer_.expires_after(rescan);
    rescan_timer_.async_wait([this](const auto& error) {
        if (error)
            return;
        watch_directory();
        if (watch_ >= 0)
            wait_for_quiet();
    });
}

void FileWatch::wait_for_events() {
    events_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const auto& error) {
        if (error)
            return;
        if (read_events())
            wait_for_quiet();
        wait_for_events();
    });
}

bool FileWatch::read_events() {
    bool ours = false;
    alignas(inotify_event) std::array<char, 4096> buffer;
    ssize_t length = 0;
    while ((length = read(events_.native_handle(), buffer.data(), buffer.size())) > 0) {
        for (const char* at = buffer.data(); at < buffer.data() + length;) {
            inotify_event event;
            std::memcpy(&event, at, sizeof event);
            const char* name = event.len > 0 ? at + sizeof event : "";
            at += sizeof event + event.len;
            ours = ours || name_ == name || (event.mask & (IN_Q_OVERFLOW | IN_IGNORED)) != 0;
            if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0)
                inotify_rm_watch(events_.native_handle(), event.wd);
            if ((event.mask & IN_IGNORED) != 0 && event.wd == watch_)
                watch_directory();
        }
    }
    return ours;
}

void FileWatch::wait_for_quiet() {
    quiet_timer_.expires_after(quiet);
    quiet_timer_.async_wait([this](const auto& error) {
        if (!error)
            changed_();
    });
}

}  // namespace runtime::executor
