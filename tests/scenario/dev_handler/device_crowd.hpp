#pragma once
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/fake_device.hpp"

namespace runtime::test {

/// Many devices that acknowledge and stream by themselves, in one thread.
class DeviceCrowd {
  public:
    /// Devices `first_uid`, …, at `directory`/ttyACM<uid>. `hertz`: frames a second of each.
    DeviceCrowd(const std::string& directory, const DeviceType& type, std::uint64_t first_uid,
                std::size_t count, int hertz);
    ~DeviceCrowd();
    /// DATA frames that have been written whole.
    std::uint64_t frames_sent() const noexcept { return frames_sent_; }
    /// DATA frames that did not fit into the terminal: the host did not keep up.
    std::uint64_t frames_blocked() const noexcept { return frames_blocked_; }
    void set_hertz(int hertz) noexcept { hertz_ = hertz; }

  private:
    struct Member {
        std::unique_ptr<FakePort> port;
        std::uint64_t uid;
        bool enabled = false;
        Nanoseconds next = 0;
    };
    void live();
    void serve(Member& member, Nanoseconds time);

    const DeviceType& type_;
    std::vector<Member> members_;
    std::atomic<int> hertz_;
    std::atomic<std::uint64_t> frames_sent_{0};
    std::atomic<std::uint64_t> frames_blocked_{0};
    std::atomic<std::uint32_t> ended_{0};
    std::thread thread_;
};

}  // namespace runtime::test
