#pragma once
#include <deque>
#include <string>

#include "shm_wrapper/runtime/log_rings.hpp"
#include "shm_wrapper/runtime/snapshot.hpp"

namespace runtime::overview {

/// Looks at the blocks of a robot, whichever are there. Maps them read-only, and only while it looks; the log
/// rings stay mapped, so that each look reads only what is new.
class Collector {
  public:
    explicit Collector(std::string instance);
    Snapshot look();

  private:
    std::string instance_;
    LogRings rings_;
    std::deque<MergedLine> problems_;
};

}  // namespace runtime::overview
