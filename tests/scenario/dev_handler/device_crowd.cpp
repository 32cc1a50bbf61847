#include "tests/scenario/dev_handler/device_crowd.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "shm_wrapper/futex.hpp"

namespace runtime::test {

DeviceCrowd::DeviceCrowd(const std::string& directory, const DeviceType& type, std::uint64_t first_uid,
                         std::size_t count, int hertz)
    : type_(type), hertz_(hertz) {
    for (std::uint64_t uid = first_uid; uid < first_uid + count; ++uid)
        members_.push_back(
            {std::make_unique<FakePort>(directory + "/ttyACM" + std::to_string(uid)), uid, false, 0});
    thread_ = std::thread([this] { live(); });
}

DeviceCrowd::~DeviceCrowd() {
    ended_ = 1;
    futex::wake(ended_);
    thread_.join();
}

void DeviceCrowd::serve(Member& member, Nanoseconds time) {
    // What the host says needs looking at only now and then: its PINGs come four times a second.
    if (!member.enabled && member.port->read_until(wire::ping, std::chrono::milliseconds(0))) {
        member.enabled = true;
        member.next = time;
        member.port->write(wire::acknowledge(type_.number, member.uid));
    } else if (member.enabled && frames_sent_ % 64 == 0) {
        member.port->drain();
    }
    if (!member.enabled || time < member.next)
        return;
    member.next += second / hertz_;
    static thread_local std::uint32_t count = 0;
    wire::ValueMap values;
    for (std::size_t i = 0; i < type_.parameter_count; ++i)
        if (type_.parameters[i].read)
            values[i] = type_.parameters[i].stop ? 0 : ++count;
    static thread_local Bytes frame;
    frame = wire::values(wire::device_data, type_, values);
    const ssize_t size = ::write(member.port->descriptor(), frame.data(), frame.size());
    if (size == static_cast<ssize_t>(frame.size()))
        ++frames_sent_;
    else
        ++frames_blocked_;
}

void DeviceCrowd::live() {
    while (ended_ == 0) {
        const Nanoseconds time = now();
        Nanoseconds next = time + 5 * millisecond;
        for (auto& member : members_) {
            serve(member, time);
            if (member.enabled)
                next = std::min(next, member.next);
        }
        futex::wait(ended_, 0, next);
    }
}

}  // namespace runtime::test
