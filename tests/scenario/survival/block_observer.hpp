#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "shm_wrapper/layout.hpp"

namespace runtime::test {

/// Reads the blocks of a robot that runs counting_code with a KoalaBear 6_77 and a GeneralTestDevice 63_5,
/// all the time, and checks that each value is one that somebody has published as a whole. The driver station
/// must send gamepads whose axes are axis_of() their buttons.
class BlockObserver {
  public:
    explicit BlockObserver(const std::string& instance);
    ~BlockObserver();
    BlockObserver(const BlockObserver&) = delete;
    BlockObserver& operator=(const BlockObserver&) = delete;

    /// The first value that was none; empty: there was none such.
    std::string fault() const;
    std::uint64_t looks() const noexcept { return looks_.load(); }

  private:
    void observe();
    void look();
    /// Of the newest run that has commanded.
    std::uint64_t look_at_commands();
    void look_at_robot(std::uint64_t commanding_run);
    void look_at_devices();
    void look_at_student_blocks();
    void check(bool holds, const std::string& what);

    BlockReader<TypesBlock> types_;
    BlockReader<DevicesBlock> devices_;
    BlockReader<RobotBlock> robot_;
    BlockReader<InputsBlock> inputs_;
    BlockReader<CommandsBlock> commands_;
    BlockReader<StudentBlock> student_;
    BlockReader<CustomDataBlock> custom_data_;
    std::uint64_t run_id_ = 0;
    std::array<std::uint32_t, max_devices> generations_{};
    std::array<std::uint32_t, max_devices> command_counters_{};
    std::atomic<std::uint64_t> looks_{0};
    std::atomic<std::uint32_t> ended_{0};
    mutable std::mutex mutex_;
    std::string fault_;  // guarded by mutex_
    std::thread thread_;
};

/// The gamepad's axes for a pattern of buttons: the observer knows which belong together.
inline float axis_of(std::uint64_t buttons) noexcept {
    return static_cast<float>(buttons % 64) / 64;
}

}  // namespace runtime::test
