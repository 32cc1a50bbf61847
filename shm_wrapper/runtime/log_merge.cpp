#include "shm_wrapper/runtime/log_merge.hpp"

#include <utility>

namespace runtime::overview {

LogMerge::LogMerge(std::vector<Source> sources) {
    for (auto& source : sources)
        heads_.push_back({std::move(source), std::nullopt});
}

std::optional<MergedLine> LogMerge::next() {
    Head* oldest = nullptr;
    for (auto& head : heads_) {
        if (!head.line)
            head.line = head.source.next();
        if (head.line && (oldest == nullptr || head.line->time < oldest->line->time))
            oldest = &head;
    }
    if (oldest == nullptr)
        return std::nullopt;
    return MergedLine{oldest->source.process, *std::exchange(oldest->line, std::nullopt)};
}

}  // namespace runtime::overview
