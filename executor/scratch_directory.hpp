#pragma once
#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

namespace runtime::executor {

/// The directory that student code may write into: `runtime-scratch` in a directory that is somebody else's
/// (`runtime-NAME-scratch` for an instance). Its name makes it ours: nothing beside it is ever touched. The
/// student process makes it; there are no directories in it (sandbox.hpp). Student code can fill it between
/// two looks, so a look ends as soon as it has seen too much.
class ScratchDirectory {
  public:
    /// All files together. A file has at most 4 MiB (sandbox.cpp).
    static constexpr std::uint64_t max_bytes = std::uint64_t{64} * 1024 * 1024;
    static constexpr int max_files = 256;
    static constexpr int max_mapped_files = 16;

    ScratchDirectory(const std::string& parent, const std::string& instance);

    const std::string& path() const noexcept { return path_; }
    /// What is too much, in words for a student: of what stands in the directory, or of files that were
    /// deleted and that `process` still maps, which may hold as much; nothing if it is within the bounds.
    /// 0: no process.
    std::optional<std::string> excess(pid_t process = 0);
    /// Removes all that is in it, if it is a directory of ours or of the user that student code runs as. The
    /// directory itself stays: the next student process is in it already. Never throws: what cannot be
    /// removed is logged.
    void clear() const;
    /// The same, and the directory too.
    void remove() const;

  private:
    void remove_content(bool directory_too) const;
    bool hides_too_much(pid_t process) const;

    std::string path_;
    /// When a file was made or removed last, as of the last look.
    timespec changed_{};
};

}  // namespace runtime::executor
