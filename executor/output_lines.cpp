#include "executor/output_lines.hpp"

#include <algorithm>

namespace runtime::executor {

void OutputLines::feed(std::string_view bytes, Nanoseconds time) {
    budget_.refill(time);
    last_byte_ = time;
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        if (end == std::string_view::npos) {
            keep(bytes);
            unfinished_ = true;
            return;
        }
        keep(bytes.substr(0, end));
        end_line(false);
        bytes.remove_prefix(end + 1);
    }
}

void OutputLines::time_passed(Nanoseconds time) {
    if (time - last_byte_ < patience)
        return;
    budget_.refill(time);
    if (unfinished_)
        end_line(false);
    report_dropped();
}

void OutputLines::finish() {
    if (unfinished_)
        end_line(true);
    report_dropped();
}

void OutputLines::keep(std::string_view part) {
    line_.append(part.substr(0, max_line - std::min(max_line, line_.size())));
}

void OutputLines::end_line(bool at_any_rate) {
    if (budget_.take(dropped_ == 0 ? 1 : resume_at) || at_any_rate) {
        report_dropped();
        if (!line_.empty() && line_.back() == '\r')
            line_.pop_back();
        sink_(line_);
    } else {
        ++dropped_;
    }
    line_.clear();
    unfinished_ = false;
}

void OutputLines::report_dropped() {
    if (dropped_ == 0)
        return;
    const std::string text = "... " + std::to_string(dropped_) + (dropped_ == 1 ? " line" : " lines") +
                             " dropped: the program prints faster than can be shown";
    dropped_ = 0;
    sink_(text);
}

}  // namespace runtime::executor
