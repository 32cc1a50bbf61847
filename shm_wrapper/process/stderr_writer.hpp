#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace runtime {

/// Writes lines to stderr without ever waiting for whoever reads it: a terminal that is stopped (Ctrl-S), a
/// pipe or a journal that is not read must not stop a daemon's loop. What cannot be written at once is
/// dropped, and the next line that can be says how many were. Not thread-safe: the caller serializes.
class StderrWriter {
  public:
    StderrWriter() noexcept;
    ~StderrWriter();
    StderrWriter(const StderrWriter&) = delete;
    StderrWriter& operator=(const StderrWriter&) = delete;

    /// `line` with its newline.
    void write(std::string_view line) noexcept;
    bool terminal() const noexcept { return terminal_; }

  private:
    bool put(std::string_view bytes) noexcept;

    int descriptor_;
    bool socket_ = false;
    bool terminal_ = false;
    /// The last line was written in part.
    bool torn_ = false;
    std::uint64_t dropped_ = 0;
};

}  // namespace runtime
