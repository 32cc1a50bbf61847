#pragma once
// Asio's coroutines of Boost 1.74 use std::exchange without including it.
#include <utility>
//
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <string>

namespace runtime::station {

/// Standard output, written without waiting for whoever reads it: a pipe that nobody empties or a terminal
/// that stands still delays the text, and nothing else.
class Output {
  public:
    explicit Output(boost::asio::io_context& loop);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    /// Whether a text is on its way.
    bool busy() const noexcept { return busy_; }
    /// Writes `text`, not empty, while not busy(). `done` is called in a later turn of the loop: whether all
    /// of it was taken.
    void write(std::string text, std::function<void(bool)> done);

  private:
    boost::asio::posix::stream_descriptor descriptor_;
    int shared_flags_ = -1;  ///< of a description that others have too, to be given back
    std::string text_;
    bool busy_ = false;
};

}  // namespace runtime::station
