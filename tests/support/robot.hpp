#pragma once
#include <functional>
#include <string>
#include <vector>

#include "shm_wrapper/layout.hpp"
#include "tests/support/process.hpp"

namespace runtime::test {

/// The blocks of an instance of its own, made at the start of a test and removed at its end, with a temporary
/// directory for its ports and files.
class Robot {
  public:
    /// `more_device_types`: further device types beside those of the project, in the text format of their
    /// file.
    explicit Robot(const std::string& more_device_types = "");
    ~Robot();
    Robot(const Robot&) = delete;
    Robot& operator=(const Robot&) = delete;

    const std::string& instance() const noexcept { return instance_; }
    const std::string& directory() const noexcept { return directory_; }
    /// The file of the device types.
    std::string device_types() const { return directory_ + "/device_types.textproto"; }
    /// Starts a program of this build with --instance added, and these further arguments; executor also with
    /// --scratch in this directory, unless they name another.
    Process start(const std::string& name, std::vector<std::string> arguments = {}) const;

  private:
    std::string instance_;
    std::string directory_;
};

/// Waits until `holds` is true, looking again whenever `word` moves (a cell's sequence, a signal). For cells
/// that are not woken it looks every few milliseconds, since no event tells. True if it held in time.
bool wait_until(const std::function<bool()>& holds, const std::atomic<std::uint32_t>& word,
                std::chrono::milliseconds limit = patience);
bool wait_until(const std::function<bool()>& holds, std::chrono::milliseconds limit = patience);

}  // namespace runtime::test
