#pragma once
/// What the kernel says about the processes of a robot.
#include <sys/types.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "shm_wrapper/clock.hpp"
#include "tests/scenario/survival/machine_stalls.hpp"

namespace runtime::test {

/// The children of a process that have ended, and that it has not taken note of.
std::size_t zombies_of(pid_t parent);

/// The files of the instance's blocks.
std::size_t count_blocks(const std::string& instance);

/// How long the threads of an instance's processes, of others, and of the kernel where it carries what they
/// send, have been ready to run and waited for a processor, and how long the machine stood still, since this
/// was made: what a busy machine, and not the robot, has to answer for.
class ProcessorWaits {
  public:
    /// `instance`: empty: only the others. `stalls` must live longer than this.
    ProcessorWaits(const MachineStalls& stalls, std::string instance, std::vector<pid_t> others);
    Nanoseconds total() const;

  private:
    std::map<pid_t, Nanoseconds> all() const;

    const MachineStalls& stalls_;
    Nanoseconds stalls_before_;
    std::string instance_;
    std::vector<pid_t> others_;
    std::map<pid_t, Nanoseconds> before_;
};

}  // namespace runtime::test
