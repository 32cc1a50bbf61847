#pragma once
#include <map>
#include <string>
#include <vector>

#include "dev_handler/port.hpp"

namespace runtime::dev_handler {

/// Finds ports by glob patterns, and learns from inotify when to look again.
class PortScanner {
  public:
    /// Throws std::system_error if there is no inotify instance to be had.
    explicit PortScanner(std::vector<std::string> patterns);
    ~PortScanner();
    PortScanner(const PortScanner&) = delete;
    PortScanner& operator=(const PortScanner&) = delete;

    /// The inotify descriptor, non-blocking: readable when read_events() has something to say.
    int descriptor() const noexcept { return inotify_; }

    struct Events {
        bool rescan = false;               ///< something happened that a scan may find
        std::vector<std::string> touched;  ///< ports that appeared, vanished or changed their permissions
    };
    /// Reads what has happened; never waits.
    Events read_events();

    struct Found {
        std::string path;
        PortIdentity identity;
    };
    /// All ports that the patterns match now, in the order of the patterns; a port that several paths lead to
    /// is listed under the first. Renews the watches, for directories that were not there before.
    std::vector<Found> scan();

  private:
    using Components = std::vector<std::string>;
    void watch_directories();
    void watch(const std::string& directory);
    /// Whether `path` matches a pattern, or the beginning of one.
    enum class Match { none, beginning, whole };
    Match match(const std::string& path) const;

    std::vector<std::string> patterns_;
    std::vector<Components> components_;
    std::map<int, std::string> directories_;  ///< by watch descriptor
    int inotify_;
};

}  // namespace runtime::dev_handler
