#include "shm_wrapper/log_merge.hpp"

#include <utility>

namespace runtime {

LogMerge::LogMerge(std::vector<Source> sources) {
    for (auto& source : sources)
        heads_.push_back({std::move(source), std::nullopt});
}

LogMerge::Head* LogMerge::oldest() {
    Head* oldest = nullptr;
    for (auto& head : heads_) {
        if (!head.line)
            head.line = head.source.next();
        if (head.line && (oldest == nullptr || head.line->time < oldest->line->time))
            oldest = &head;
    }
    return oldest;
}

std::optional<Nanoseconds> LogMerge::time_of_next() {
    const Head* head = oldest();
    return head == nullptr ? std::nullopt : std::optional(head->line->time);
}

std::optional<MergedLine> LogMerge::next() {
    Head* head = oldest();
    if (head == nullptr)
        return std::nullopt;
    return MergedLine{head->source.process, *std::exchange(head->line, std::nullopt)};
}

}  // namespace runtime
