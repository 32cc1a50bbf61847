/// The student process as LeakSanitizer can look at it: without the sandbox, whose filter refuses the tracer
/// that stops the process for the look; with every Python object in memory of its own; and with a look at the
/// end, where the real one just leaves.
#include <Python.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "executor/student/sandbox.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

namespace {

std::string_view look_for_leaks() {
#if defined(__SANITIZE_ADDRESS__)
    return __lsan_do_recoverable_leak_check() == 0 ? "leaks: none\n" : "leaks: see above\n";
#else
    return "leaks: nobody looks in this build\n";
#endif
}

/// Python puts small objects, and the frames of its functions, into memory that it takes from the kernel,
/// where LeakSanitizer neither sees what leaks nor what is in use.
void* allocate_arena(void*, size_t size) {
    return calloc(1, size);
}

void free_arena(void*, void* arena, size_t) {
    free(arena);
}

void use_the_memory_that_is_looked_at() {
    PyMemAllocatorEx plain;
    PyMem_GetAllocator(PYMEM_DOMAIN_RAW, &plain);
    PyMem_SetAllocator(PYMEM_DOMAIN_MEM, &plain);
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &plain);
    PyObjectArenaAllocator arenas{nullptr, allocate_arena, free_arena};
    PyObject_SetArenaAllocator(&arenas);
}

[[maybe_unused]] const bool before_main = (use_the_memory_that_is_looked_at(), true);

}  // namespace

/// In the place of executor/student/sandbox.cpp.
void runtime::student::enter_sandbox(const std::string&, int) {}

/// In the place of the C library's: every way out of the process leads here, Python's os._exit too.
extern "C" void _exit(int status) {  // NOLINT(bugprone-reserved-identifier): it is the one that is replaced
    const std::string_view found = look_for_leaks();
    if (write(STDOUT_FILENO, found.data(), found.size()) > 0)
        syscall(SYS_exit_group, status);
    abort();
}
