#pragma once
#include <sys/types.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "shm_wrapper/log_merge.hpp"
#include "shm_wrapper/log_ring.hpp"

namespace runtime::overview {

/// The rings of all processes of a robot, those that are there, read as one log from the oldest line on.
class LogRings {
  public:
    explicit LogRings(std::string instance);
    LogRings(const LogRings&) = delete;
    LogRings& operator=(const LogRings&) = delete;

    /// Looks for rings that have come or were made anew. True if there are any: next() then ends what is left
    /// of the old ones before it goes on with them.
    bool refresh();
    /// The next line of all. Ends the mappings of rings that refresh() found replaced, and with them what
    /// words() gave before.
    std::optional<MergedLine> next() { return merge_.next(); }
    /// The words to wait for.
    std::vector<const std::atomic<std::uint32_t>*> words() const;
    /// What is wrong with rings that cannot be read, a line each.
    std::vector<std::string> faults() const;

  private:
    struct Ring {
        std::string process;
        ino_t inode = 0;
        std::string fault;
        std::optional<LogReader> reader;
        std::optional<LogReader> successor;
    };
    std::vector<LogMerge::Source> sources();
    static std::optional<LogLine> next_of(Ring& ring);
    bool refresh(Ring& ring) const;

    std::string instance_;
    std::vector<Ring> rings_;
    LogMerge merge_;
};

}  // namespace runtime::overview
