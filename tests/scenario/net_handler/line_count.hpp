#pragma once
#include <string>
#include <utility>

#include "shm_wrapper/clock.hpp"
#include "tests/support/process.hpp"

namespace runtime::test {

/// Counts the lines of net_handler's output that contain a text, from its first line on, and the time from
/// now on.
class LineCount {
  public:
    LineCount(Process& net_handler, std::string text) : net_handler_(net_handler), text_(std::move(text)) {}
    int lines() const { return count_of(net_handler_.output(), text_); }
    /// Whether there are no more than one a second of that time, and so many besides.
    bool once_a_second(int besides = 1) const {
        const int seen = lines();
        return seen <= (now() - begin_) / second + besides;
    }

  private:
    Nanoseconds begin_ = now();
    Process& net_handler_;
    std::string text_;
};

}  // namespace runtime::test
