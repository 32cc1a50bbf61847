#pragma once
#include <array>
#include <string>

namespace runtime::test {

/// A program of tests/fixtures/student_code/hostile/: student code that will not end, that breaks, or that
/// attacks. Each commands the velocity of motor a of 6_1, prints "begun", and misbehaves in its TELEOP; one
/// that fails by itself waits for the motor to turn first.
struct HostileProgram {
    const char* file;
    /// What the log says about it; empty: nothing is asked for.
    const char* told;
    enum class When {
        at_the_end_of_its_mode,
        while_it_runs,
        as_it_fails,  ///< its run ends before its mode
    } when = When::at_the_end_of_its_mode;

    bool fails() const { return when == When::as_it_fails; }
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

inline constexpr std::array hostile_programs{
    HostileProgram{"endless_loop.py", ""},
    HostileProgram{"catches_everything.py", "did not end with its mode"},
    HostileProgram{"looping_finally.py", "did not end with its mode"},
    HostileProgram{"long_sleep.py", ""},
    HostileProgram{"c_call_that_never_returns.py", ""},
    HostileProgram{"ignores_all_signals.py", "did not end with its mode"},
    HostileProgram{"fork_bomb.py", ""},
    HostileProgram{"endless_threads.py", ""},
    HostileProgram{"floods_executor.py", ""},
    HostileProgram{"floods_the_log.py", "lines dropped", HostileProgram::When::while_it_runs},
    HostileProgram{"closes_all_descriptors.py", ""},
    HostileProgram{"attacks_other_processes.py", "attacks were refused", HostileProgram::When::while_it_runs},
    HostileProgram{"steals_wakeups.py", "did not end with its mode"},
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

/// Whether this build can run the program as it is meant. A sanitizer reserves terabytes of address space, so
/// student code has no memory limit to meet there; and it turns a stack overflow into an exit of its own.
inline bool can_run(const HostileProgram& program) {
    const std::string file = program.file;
    return !sanitized || (file != "takes_all_memory.py" && file != "million_threads.py" &&
                          file != "deep_recursion_in_c.py");
}

}  // namespace runtime::test
