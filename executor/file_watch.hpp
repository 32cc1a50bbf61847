#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

namespace runtime::executor {

/// Says when a file has changed and has been quiet since, however it is written: in place and in pieces, or
/// by a rename over it. The directory may be missing, appear and vanish.
class FileWatch {
  public:
    /// What counts as quiet: an upload over a bad wireless link pauses less.
    static constexpr std::chrono::milliseconds quiet{100};
    /// How often a missing directory is looked for.
    static constexpr std::chrono::seconds rescan{2};

    /// `changed` is called from the loop, for the first time soon after the start. Throws std::system_error.
    FileWatch(boost::asio::io_context& loop, const std::string& path, std::function<void()> changed);

  private:
    void watch_directory();
    void wait_for_events();
    bool read_events();
    void wait_for_quiet();

    std::string directory_;
    std::string name_;
    std::function<void()> changed_;
    boost::asio::posix::stream_descriptor events_;
    boost::asio::steady_timer quiet_timer_;
    boost::asio::steady_timer rescan_timer_;
    int watch_ = -1;
};

}  // namespace runtime::executor
