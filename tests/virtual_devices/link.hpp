#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/virtual_devices/device.hpp"
#include "tests/virtual_devices/faults.hpp"
#include "tests/virtual_devices/port.hpp"

namespace runtime::virtual_devices {

/// What became of the frames that a device has sent, since the program started. Frames of each kind that went
/// out whole, and the others.
struct Sent {
    std::uint64_t acknowledgements = 0;
    std::uint64_t data = 0;
    std::uint64_t logs = 0;
    std::uint64_t resets = 0;
    std::uint64_t corrupted = 0;  ///< spoilt on purpose (corruption, wrong-checksum)
    std::uint64_t truncated = 0;  ///< cut off, because the host did not read
    std::uint64_t dropped = 0;    ///< left out whole, for the same reason
    std::uint64_t silenced = 0;   ///< swallowed by the fault "silence"
    std::uint64_t unheard = 0;    ///< sent while no host had the port open
    std::uint64_t bytes = 0;      ///< that the port took
};

/// When a device began to be told to move (a stop parameter that is not zero), and when not to any more.
struct MotionChange {
    Nanoseconds time;
    bool moving;
};

/// One device with its port and its faults.
class Link {
  public:
    /// `type` and `world` outlive it. `device`: its number, which tells its motors from others'.
    Link(const DeviceType& type, Identity identity, Faults faults, World& world, std::size_t device,
         Nanoseconds data_period, unsigned seed);

    /// Makes or opens the port and switches the device on. Throws std::runtime_error.
    void plug(const std::filesystem::path& path, Port::Kind kind, Nanoseconds time);
    /// Takes port and power away.
    void unplug();
    /// Switches the device off and on.
    void power_cycle();

    /// A host has opened or closed the port.
    void host_opened(Nanoseconds time);
    void host_closed();
    /// Takes in what the host has written.
    void read_port(Nanoseconds time);
    /// One turn of the device's loop; what it sends goes to the port.
    void tick(Nanoseconds time);
    /// Makes the device reset itself as its watchdog does.
    void reset_device();
    /// Writes these bytes to the port as they are.
    void write_raw(std::span<const std::uint8_t> bytes);

    /// Null while it is unplugged.
    const Port* port() const noexcept { return port_ ? &*port_ : nullptr; }
    /// Advances with every plugging and unplugging.
    std::uint64_t plug_count() const noexcept { return plug_count_; }
    bool host_present() const noexcept { return hosts_ > 0; }
    /// Whether it has something to do at every tick.
    bool active() const noexcept { return port_ && (device_->enabled() || faults_.flood); }
    Device& device() noexcept { return *device_; }
    const Device& device() const noexcept { return *device_; }
    const Sent& sent() const noexcept { return sent_; }
    const Faults& faults() const noexcept { return faults_; }
    /// Whether it is told to move, as of the last turn.
    bool moving() const noexcept { return moving_; }
    /// The last changes of that, oldest first, each given once.
    std::vector<MotionChange> take_motion_changes() { return std::exchange(motion_changes_, {}); }
    /// As set_fault; "unplugged" is not among them here.
    std::optional<std::string> change_fault(std::string_view name, std::string_view value);

  private:
    bool loses_ping(std::span<const std::uint8_t> bytes);
    void note_motion(Nanoseconds time);
    void deliver();
    void count_whole(MessageId id);

    const DeviceType& type_;
    Identity identity_;
    Faults faults_;
    World& world_;
    std::size_t number_;
    Nanoseconds data_period_;
    std::mt19937 random_;

    std::unique_ptr<Device> device_;
    std::optional<Port> port_;
    std::uint64_t plug_count_ = 0;
    int hosts_ = 0;
    Nanoseconds deaf_until_ = 0;
    Sent sent_;
    bool moving_ = false;
    std::vector<MotionChange> motion_changes_;

    struct End {
        std::size_t at;  // of a frame, in bytes_
        MessageId id;
        bool corrupted;
    };
    // What one turn sends; kept so that the steady path does not allocate.
    Frames frames_;
    std::vector<std::uint8_t> bytes_;
    std::vector<End> ends_;
};

}  // namespace runtime::virtual_devices
