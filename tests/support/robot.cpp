#include "tests/support/robot.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "shm_wrapper/futex.hpp"

namespace runtime::test {
namespace {

std::string unique_instance() {
    static std::atomic<int> count{0};
    return "test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
}

}  // namespace

Robot::Robot(const std::string& more_device_types) : instance_(unique_instance()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "runtime-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("mkdtemp");
    directory_ = pattern;
    // The files of student code are in it, which may run as somebody else.
    std::filesystem::permissions(directory_, std::filesystem::perms(0711));
    std::ofstream types(device_types());
    types << std::ifstream(SOURCE_DIRECTORY "/shm_wrapper/device_types.textproto").rdbuf()
          << more_device_types;
    if (!types.flush())
        throw std::runtime_error("cannot write " + device_types());
    // Of this build, since a sanitizer takes a second of each test to look at these two again.
    const auto result =
        run({own_program("shm_start"), "--instance", instance_, "--device-types", device_types()});
    if (result.status != 0)
        throw std::runtime_error("shm_start: " + result.output);
}

Robot::~Robot() {
    try {
        run({own_program("shm_stop"), "--instance", instance_});
    } catch (const std::exception& error) {
        std::cerr << "the blocks of " << instance_ << " are left: " << error.what() << '\n';
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

Process Robot::start(const std::string& name, std::vector<std::string> arguments) const {
    std::vector<std::string> command{name, "--instance", instance_};
    command.insert(command.end(), arguments.begin(), arguments.end());
    // Not in /tmp, where it would stay when executor is killed.
    if (name == "executor" && std::find(command.begin(), command.end(), "--scratch") == command.end())
        command.insert(command.end(), {"--scratch", directory_});
    return Process(command);
}

bool wait_until(const std::function<bool()>& holds, const std::atomic<std::uint32_t>& word,
                std::chrono::milliseconds limit) {
    const Nanoseconds deadline = now() + std::chrono::nanoseconds(limit).count();
    while (true) {
        const std::uint32_t seen = word.load(std::memory_order_acquire);
        if (holds())
            return true;
        if (now() >= deadline)
            return false;
        // Hostile student code can take a wake away.
        futex::wait(word, seen, std::min(deadline, now() + 100 * millisecond));
    }
}

bool wait_until(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
    static const std::atomic<std::uint32_t> never{0};
    const Nanoseconds deadline = now() + std::chrono::nanoseconds(limit).count();
    while (!holds()) {
        if (now() >= deadline)
            return false;
        futex::wait(never, 0, now() + 2 * millisecond);
    }
    return true;
}

}  // namespace runtime::test
