#pragma once
/// What the benchmarks share: timing, percentiles, and one JSON object a line on stdout.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "shm_wrapper/clock.hpp"
#include "shm_wrapper/futex.hpp"

namespace runtime::bench {

inline void print(const std::string& name, double value, const std::string& unit) {
    std::printf("{\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\"}\n", name.c_str(), value, unit.c_str());
    std::fflush(stdout);
}

/// What was measured against what is promised: prints the promise, and whether it was kept.
/// scripts/benchmark.sh fails when one is not.
inline void print_promise(const std::string& name, double measured, double promised,
                          const std::string& unit) {
    print(name + "/promised", promised, unit);
    print(name + "/kept", measured <= promised ? 1 : 0, "bool");
}

/// The value below which the given part (0 to 1) of the samples lies.
inline double percentile(std::vector<double>& samples, double part) {
    if (samples.empty())
        return 0;
    const auto index = static_cast<std::size_t>(part * static_cast<double>(samples.size() - 1));
    std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(index), samples.end());
    return samples[index];
}

/// Prints p50, p95, p99 and max of the samples.
inline void print_percentiles(const std::string& name, std::vector<double>& samples,
                              const std::string& unit) {
    print(name + "/p50", percentile(samples, 0.50), unit);
    print(name + "/p95", percentile(samples, 0.95), unit);
    print(name + "/p99", percentile(samples, 0.99), unit);
    print(name + "/max", percentile(samples, 1.0), unit);
}

/// A benchmark whose robot does not do what it should ends, and prints no number.
inline void require(bool holds, const std::string& what) {
    if (!holds)
        throw std::runtime_error(what);
}

/// Lets time pass that belongs to what is measured.
inline void pause(Nanoseconds duration) {
    static const std::atomic<std::uint32_t> never{0};
    const Nanoseconds end = now() + duration;
    while (now() < end)
        futex::wait(never, 0, end);
}

/// What a process and all its threads have used so far.
struct Usage {
    double cpu_seconds = 0;
    double wake_ups = 0;  ///< voluntary context switches
    double threads = 0;

    static Usage of(pid_t pid) {
        Usage usage;
        const std::string directory = "/proc/" + std::to_string(pid);
        std::ifstream stat(directory + "/stat");
        std::string field;
        std::getline(stat, field, ')');  // its name may hold spaces
        for (int i = 3; i <= 20 && stat >> field; ++i) {
            if (i == 14 || i == 15)
                usage.cpu_seconds += std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK));
            if (i == 20)
                usage.threads = std::stod(field);
        }
        const std::string label = "voluntary_ctxt_switches:";
        for (const auto& thread : std::filesystem::directory_iterator(directory + "/task")) {
            std::ifstream status(thread.path() / "status");
            for (std::string line; std::getline(status, line);)
                if (line.rfind(label, 0) == 0)
                    usage.wake_ups += std::stod(line.substr(label.size()));
        }
        return usage;
    }
};

/// Keeps the compiler from removing the computation of a value.
template <class T>
void keep(const T& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

/// Nanoseconds a call: the median of `rounds` rounds of `calls` calls.
template <class Function>
double nanoseconds_a_call(Function&& function, int calls = 100'000, int rounds = 41) {
    std::vector<double> samples;
    for (int round = 0; round < rounds; ++round) {
        const Nanoseconds start = now();
        for (int i = 0; i < calls; ++i)
            function(i);
        samples.push_back(static_cast<double>(now() - start) / calls);
    }
    return percentile(samples, 0.5);
}

}  // namespace runtime::bench
