#include "dev_handler/port_scanner.hpp"

#include <fnmatch.h>
#include <glob.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace runtime::dev_handler {
namespace {

constexpr std::uint32_t watched_events = IN_CREATE | IN_ATTRIB | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                         IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

std::vector<std::string> paths_matching(const std::string& pattern, int flags) {
    glob_t found{};
    std::vector<std::string> paths;
    if (glob(pattern.c_str(), flags, nullptr, &found) == 0)
        paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
    return paths;
}

std::vector<std::string> split(const std::string& path) {
    std::vector<std::string> components;
    std::size_t begin = 0;
    while (begin < path.size()) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (end > begin)
            components.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return components;
}

std::string join(const std::vector<std::string>& components, std::size_t count) {
    std::string path;
    for (std::size_t i = 0; i < count; ++i)
        path += '/' + components[i];
    return count == 0 ? "/" : path;
}

bool has_wildcard(const std::string& component) {
    return component.find_first_of("*?[") != std::string::npos;
}

}  // namespace

PortScanner::PortScanner(std::vector<std::string> patterns)
    : patterns_(std::move(patterns)), inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (inotify_ < 0)
        throw std::system_error(errno, std::generic_category(), "cannot watch for ports (inotify)");
    for (auto& pattern : patterns_) {
        pattern = std::filesystem::absolute(pattern).lexically_normal().string();
        components_.push_back(split(pattern));
    }
    watch_directories();
}

PortScanner::~PortScanner() {
    close(inotify_);
}

void PortScanner::watch(const std::string& directory) {
    const int watch = inotify_add_watch(inotify_, directory.c_str(), watched_events);
    if (watch >= 0)
        directories_[watch] = directory;
}

void PortScanner::watch_directories() {
    for (const Components& components : components_) {
        // Every level below which names can still appear: those with a wildcard below them, and else the
        // deepest that exists.
        bool watched = false;
        for (std::size_t count = components.empty() ? 0 : components.size() - 1;; --count) {
            const bool last = count + 1 >= components.size();
            if (!watched || (!last && has_wildcard(components[count])))
                for (const auto& directory :
                     paths_matching(join(components, count), GLOB_ONLYDIR | GLOB_NOSORT)) {
                    watch(directory);
                    watched = true;
                }
            if (count == 0)
                break;
        }
    }
}

PortScanner::Match PortScanner::match(const std::string& path) const {
    const Components names = split(path);
    Match result = Match::none;
    for (const Components& pattern : components_) {
        if (names.size() > pattern.size())
            continue;
        const bool fits = std::equal(names.begin(), names.end(), pattern.begin(),
                                     [](const std::string& name, const std::string& wanted) {
                                         return fnmatch(wanted.c_str(), name.c_str(), FNM_PERIOD) == 0;
                                     });
        if (fits && names.size() == pattern.size())
            return Match::whole;
        if (fits)
            result = Match::beginning;
    }
    return result;
}

PortScanner::Events PortScanner::read_events() {
    Events events;
    alignas(inotify_event) std::array<char, 16384> buffer;
    ssize_t length = 0;
    while ((length = read(inotify_, buffer.data(), buffer.size())) > 0) {
        for (std::size_t offset = 0; offset < static_cast<std::size_t>(length);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + offset, sizeof event);
            const char* name = buffer.data() + offset + sizeof event;
            offset += sizeof event + event.len;
            const auto directory = directories_.find(event.wd);
            if ((event.mask & IN_IGNORED) != 0 && directory != directories_.end()) {
                directories_.erase(directory);
                events.rescan = true;
                continue;
            }
            if ((event.mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF)) != 0)
                events.rescan = true;
            if (event.len == 0 || directory == directories_.end())
                continue;
            const std::string path = (directory->second == "/" ? "" : directory->second) + '/' + name;
            const Match matched = match(path);
            events.rescan = events.rescan || matched != Match::none;
            if (matched == Match::whole)
                events.touched.push_back(path);
        }
    }
    return events;
}

std::vector<PortScanner::Found> PortScanner::scan() {
    watch_directories();
    std::vector<Found> ports;
    for (const auto& pattern : patterns_)
        for (const auto& path : paths_matching(pattern, 0)) {
            const auto identity = port_identity(path);
            if (!identity)
                continue;
            const bool known = std::any_of(ports.begin(), ports.end(),
                                           [&](const Found& port) { return port.identity == *identity; });
            if (!known)
                ports.push_back({path, *identity});
        }
    return ports;
}

}  // namespace runtime::dev_handler
