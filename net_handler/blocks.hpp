#pragma once
#include <array>
#include <atomic>
#include <string>
#include <vector>

#include "net_handler/protocol/device_data.hpp"
#include "net_handler/protocol/log_feed.hpp"
#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_ring.hpp"

namespace runtime::net {

/// The blocks as net_handler uses them: it writes `robot` and `inputs`, and reads what the driver station is
/// shown.
class Blocks {
  public:
    /// Throws BlockError.
    explicit Blocks(const std::string& instance);

    /// What the robot block holds from before.
    RobotState previous() const noexcept { return robot_->state.read(); }
    /// Publishes what differs from what was published last, and wakes who waits for it.
    void publish(const RobotState& robot, const Inputs& inputs) noexcept;
    void beat(Nanoseconds time) const noexcept;

    /// Copies what is connected and logged now.
    void look(RobotView& view);

    /// The logs of all processes, from the oldest line that is still there.
    std::vector<LogMerge::Source> log_sources();
    /// What moves when a log line comes.
    std::vector<const std::atomic<std::uint32_t>*> log_words() const;

  private:
    struct SeenValue {
        std::uint32_t sequence;
        bool known;
        bool shown;
        CustomValue value;
    };
    void look_at_custom_data(RobotView& view);

    BlockWriter<RobotBlock> robot_;
    BlockWriter<InputsBlock> inputs_;
    TypesReader types_;
    BlockReader<DevicesBlock> devices_;
    BlockReader<CustomDataBlock> custom_data_;
    std::vector<LogReader> logs_;
    RobotState published_robot_{};
    Inputs published_inputs_{};
    std::array<SeenValue, max_custom_values> seen_{};
};

}  // namespace runtime::net
