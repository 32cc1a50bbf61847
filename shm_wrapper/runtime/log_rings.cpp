#include "shm_wrapper/runtime/log_rings.hpp"

#include <sys/stat.h>

#include <utility>

namespace runtime::overview {
namespace {

/// Tells a block from one of the same name that was made later; 0: there is none.
ino_t inode_of(const std::string& block) {
    struct stat status {};
    return stat(("/dev/shm" + block).c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

LogRings::LogRings(std::string instance) : instance_(std::move(instance)), merge_(sources()) {
    refresh();
}

std::vector<LogMerge::Source> LogRings::sources() {
    rings_.resize(logging_processes.size());
    std::vector<LogMerge::Source> result;
    for (std::size_t i = 0; i < rings_.size(); ++i) {
        rings_[i].process = logging_processes[i];
        result.push_back({rings_[i].process, [this, i] { return next_of(rings_[i]); }});
    }
    return result;
}

std::optional<LogLine> LogRings::next_of(Ring& ring) {
    auto line = ring.reader ? ring.reader->next() : std::nullopt;
    if (!line && ring.successor) {
        ring.reader.reset();
        ring.reader.emplace(std::move(*ring.successor));
        ring.successor.reset();
        line = ring.reader->next();
    }
    return line;
}

bool LogRings::refresh() {
    bool changed = false;
    for (auto& ring : rings_)
        changed = refresh(ring) || changed;
    return changed;
}

bool LogRings::refresh(Ring& ring) const {
    const ino_t inode = inode_of(block_name(instance_, log_block_name(ring.process)));
    if (inode == ring.inode && inode != 0 && ring.reader)
        return false;
    try {
        auto& place = ring.reader ? ring.successor : ring.reader;
        place.reset();
        place.emplace(instance_, ring.process, LogReader::From::oldest);
        ring.inode = inode;
        ring.fault.clear();
        return true;
    } catch (const BlockError& error) {
        ring.fault = error.what();
        return false;
    }
}

std::vector<const std::atomic<std::uint32_t>*> LogRings::words() const {
    std::vector<const std::atomic<std::uint32_t>*> result;
    for (const auto& ring : rings_) {
        if (ring.reader)
            result.push_back(&ring.reader->word());
        if (ring.successor)
            result.push_back(&ring.successor->word());
    }
    return result;
}

std::vector<std::string> LogRings::faults() const {
    std::vector<std::string> result;
    for (const auto& ring : rings_)
        if (!ring.fault.empty())
            result.push_back(ring.fault);
    return result;
}

}  // namespace runtime::overview
