#include "shm_wrapper/runtime/log_output.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iostream>
#include <system_error>

#include "shm_wrapper/runtime/json_text.hpp"
#include "shm_wrapper/runtime/log_rings.hpp"
#include "shm_wrapper/runtime/text.hpp"
#include "shm_wrapper/watcher.hpp"

namespace runtime::overview {
namespace {

/// Tells when a block may have been made: whoever creates one closes a file in /dev/shm that was open for
/// writing when it is whole.
class NewBlocks {
  public:
    NewBlocks() : descriptor_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
        if (descriptor_ < 0 || inotify_add_watch(descriptor_, "/dev/shm", IN_CLOSE_WRITE) < 0) {
            const int error = errno;
            close(descriptor_);
            throw std::system_error(error, std::generic_category(), "cannot watch /dev/shm");
        }
    }
    ~NewBlocks() { close(descriptor_); }
    NewBlocks(const NewBlocks&) = delete;
    NewBlocks& operator=(const NewBlocks&) = delete;

    int descriptor() const noexcept { return descriptor_; }
    void acknowledge() const noexcept {
        std::array<char, 4096> events;
        while (read(descriptor_, events.data(), events.size()) > 0) {
        }
    }

  private:
    int descriptor_;
};

class Printer {
  public:
    explicit Printer(const LogOrders& orders) : orders_(orders), coloured_(isatty(STDOUT_FILENO) == 1) {}

    /// Writes the lines that are there. False if nobody takes them.
    bool print(LogRings& rings) const {
        while (const auto line = rings.next())
            if (orders_.filter.wants(line->line) || line->line.lost_before != 0)
                std::cout << (orders_.json ? log_line_json(*line) : log_line_text(*line, coloured_));
        std::cout.flush();
        return std::cout.good();
    }

  private:
    LogOrders orders_;
    bool coloured_;
};

enum class Event : std::uint8_t { rings_changed, nobody_reads };

Event follow(LogRings& rings, const Printer& printer, const NewBlocks& blocks) {
    const Watcher watcher(rings.words());
    while (true) {
        watcher.acknowledge();
        if (!printer.print(rings))
            return Event::nobody_reads;
        std::array<pollfd, 3> events{
            {{watcher.descriptor(), POLLIN, 0}, {blocks.descriptor(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}}};
        if (poll(events.data(), events.size(), -1) < 0 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "cannot wait");
        if ((events[2].revents & (POLLERR | POLLHUP)) != 0)
            return Event::nobody_reads;
        if (events[1].revents == 0)
            continue;
        blocks.acknowledge();
        if (rings.refresh())
            return Event::rings_changed;
    }
}

}  // namespace

int print_logs(const std::string& instance, const LogOrders& orders) {
    const Printer printer(orders);
    if (!orders.follow) {
        LogRings rings(instance);
        for (const auto& fault : rings.faults())
            std::cerr << "runtime: " << fault << '\n';
        return printer.print(rings) && rings.faults().empty() ? 0 : 1;
    }
    const NewBlocks blocks;
    LogRings rings(instance);
    for (const auto& fault : rings.faults())
        std::cerr << "runtime: " << fault << "; waiting for it\n";
    do {
        // Before the rings' words are waited for: what a ring that was replaced still held comes first, and
        // ends its mapping.
        if (!printer.print(rings))
            return 1;
    } while (follow(rings, printer, blocks) == Event::rings_changed);
    return 1;
}

}  // namespace runtime::overview
