// Preloaded into programs: a wall clock that is now fifty years ahead and now fifty years behind, changing
// with every look. All other clocks are the kernel's.
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

namespace {

constexpr time_t fifty_years = 50L * 365 * 24 * 60 * 60;

bool shows_the_time_of_day(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) {
    static std::atomic<unsigned> looks{0};
    const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
    if (result == 0 && shows_the_time_of_day(clock))
        time->tv_sec += looks++ % 2 == 0 ? fifty_years : -fifty_years;
    return result;
}

extern "C" int gettimeofday(timeval* time, void*) {
    timespec now{};
    const int result = clock_gettime(CLOCK_REALTIME, &now);
    *time = {now.tv_sec, now.tv_nsec / 1000};
    return result;
}

extern "C" time_t time(time_t* time) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (time != nullptr)
        *time = now.tv_sec;
    return now.tv_sec;
}
