#pragma once
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shm_wrapper/layout.hpp"
#include "tests/virtual_devices/link.hpp"

namespace runtime::virtual_devices {

/// A device as it is asked for: TYPE[:UID][@FAULT[=VALUE],...].
struct DeviceRequest {
    const DeviceType* type = nullptr;
    std::optional<std::uint64_t> uid;
    std::optional<std::uint8_t> year;
    Faults faults;
};

/// Reads a request. TYPE is a type's name or number; beside the faults, `year=N` is understood. Throws
/// std::runtime_error that says what is wrong. The request points into `types`.
DeviceRequest parse_device(const std::string& text, const DeviceTypes& types);

/// The requests that make a whole robot of the types in the field.
const std::vector<std::string>& robot_devices();

/// All devices, their ports and the world that they share.
class Simulation {
  public:
    struct Settings {
        std::filesystem::path directory;
        std::vector<std::filesystem::path> attach;  ///< existing ports, for the first devices
        Nanoseconds data_period = millisecond;
        unsigned seed = 1;
    };

    /// Makes the directory. Throws std::runtime_error.
    explicit Simulation(Settings settings);

    /// Adds a device, whose type outlives this, and plugs it unless it is requested unplugged. Its uid, where
    /// none is given, is its number counted from 1. Throws std::runtime_error.
    void add(const DeviceRequest& request, Nanoseconds time);
    /// One turn of everything.
    void tick(Nanoseconds time);
    /// Whether something has to happen every millisecond.
    bool active() const noexcept;

    /// Plugs device `index` where it belongs: into its existing port, or at ttyVIRTUAL0 … Throws
    /// std::runtime_error.
    void plug(std::size_t index, Nanoseconds time);
    /// Plugs it at another name in the directory. Throws std::runtime_error.
    void plug(std::size_t index, const std::string& name, Nanoseconds time);
    std::deque<Link>& links() noexcept { return links_; }
    World& world() noexcept { return world_; }

  private:
    Settings settings_;
    PortDirectory directory_;
    World world_;
    std::deque<Link> links_;
    Nanoseconds last_tick_ = 0;
};

}  // namespace runtime::virtual_devices
