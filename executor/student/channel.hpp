#pragma once
#include <optional>
#include <string_view>

#include "executor/messages.hpp"

namespace runtime::student {

/// The student process's end of the socket to executor. Any thread may report. The filter of its system calls
/// refuses sendmsg, which it does without.
class Channel {
  public:
    struct Start {
        executor::StartOrder order;
        int code;  ///< descriptor of the student's file; the caller's to close
    };

    explicit Channel(int descriptor) noexcept : descriptor_(descriptor) {}

    /// Waits for the start of a run. Nothing: executor has gone.
    std::optional<Start> wait_for_start() const;
    /// Waits while executor is behind. Text that is too long is cut.
    void report(executor::ReportKind kind, std::string_view text = {},
                LogLevel level = LogLevel::info) const noexcept;
    void report_rate(float loop_rate, float longest_iteration_ms) const noexcept;

  private:
    int descriptor_;
};

}  // namespace runtime::student
