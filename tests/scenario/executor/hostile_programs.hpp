#pragma once
#include <array>

namespace runtime::test {

/// A program of tests/fixtures/student_code/hostile/: student code that will not end, that breaks, or that
/// attacks. Each commands the velocity of motor a of 6_1, prints "begun", and misbehaves in its TELEOP; one
/// that fails by itself waits for the motor to turn first.
struct HostileProgram {
    const char* file;
    /// What the log says about it.
    const char* told;
    enum class When {
        at_the_end_of_its_mode,
        while_it_runs,
        as_it_fails,  ///< its run ends before its mode
    } when = When::at_the_end_of_its_mode;

    bool fails() const { return when == When::as_it_fails; }
};

/// Of a program that ends when it is told to, or is killed if the machine is too slow for it.
inline constexpr const char* ended_or_killed = "with its mode";
inline constexpr const char* killed = "did not end with its mode";

inline constexpr std::array hostile_programs{
    HostileProgram{"endless_loop.py", ended_or_killed},
    HostileProgram{"catches_everything.py", killed},
    HostileProgram{"looping_finally.py", killed},
    HostileProgram{"long_sleep.py", ended_or_killed},
    HostileProgram{"c_call_that_never_returns.py", killed},
    HostileProgram{"ignores_all_signals.py", killed},
    HostileProgram{"fork_bomb.py", ended_or_killed},
    HostileProgram{"endless_threads.py", ended_or_killed},
    HostileProgram{"busy_threads.py", killed},
    HostileProgram{"million_small_threads.py", ended_or_killed},
    HostileProgram{"floods_executor.py", ended_or_killed},
    HostileProgram{"floods_the_log.py", "lines dropped", HostileProgram::When::while_it_runs},
    HostileProgram{"floods_everything.py", ended_or_killed},
    HostileProgram{"closes_all_descriptors.py", ended_or_killed},
    HostileProgram{"attacks_other_processes.py", "attacks were refused", HostileProgram::When::while_it_runs},
    HostileProgram{"steals_wakeups.py", killed},
    HostileProgram{"keeps_writing_into_blocks.py", killed},
    HostileProgram{"exits_at_once.py", "exit status 3", HostileProgram::When::as_it_fails},
    HostileProgram{"kills_its_parent.py", "PermissionError", HostileProgram::When::as_it_fails},
    HostileProgram{"segmentation_fault.py", "Segmentation fault", HostileProgram::When::as_it_fails},
    HostileProgram{"writes_into_blocks.py", "Segmentation fault", HostileProgram::When::as_it_fails},
    HostileProgram{"deep_recursion.py", "RecursionError: maximum recursion depth exceeded",
                   HostileProgram::When::as_it_fails},
    HostileProgram{"deep_recursion_in_c.py", "crashed", HostileProgram::When::as_it_fails},
    HostileProgram{"takes_all_memory.py", "MemoryError", HostileProgram::When::as_it_fails},
    HostileProgram{"million_threads.py", "can't start new thread", HostileProgram::When::as_it_fails},
};

}  // namespace runtime::test
