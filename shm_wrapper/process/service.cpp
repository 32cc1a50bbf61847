#include "shm_wrapper/process/service.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <exception>
#include <iostream>

#include "shm_wrapper/clock.hpp"

namespace runtime {

void notify_ready() {
    sd_notify(0, "READY=1");
}

void notify_watchdog() {
    static const Nanoseconds period = [] {
        std::uint64_t microseconds = 0;
        return sd_watchdog_enabled(0, &microseconds) > 0
                   ? static_cast<Nanoseconds>(microseconds) * microsecond / 4
                   : Nanoseconds{0};
    }();
    static Nanoseconds last = 0;
    if (period == 0)
        return;
    if (const Nanoseconds time = now(); time - last >= period) {
        last = time;
        sd_notify(0, "WATCHDOG=1");
    }
}

void notify_stopping() {
    sd_notify(0, "STOPPING=1");
}

int run_program(const std::string& program, int (*body)(int argc, char** argv), int argc, char** argv) {
    try {
        return body(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << program << ": " << error.what() << '\n';
        return 1;
    }
}

}  // namespace runtime
