#pragma once
/// The layout of every shared memory block. A change of any struct here is a new layout: advance the
/// `layout_version` of the block that holds it.
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <string_view>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/cell.hpp"

namespace runtime {

/// Devices that one robot may have: the slots of `devices` and `commands`.
inline constexpr std::size_t max_devices = 32;
/// Parameters that a device type may have: the bits of the serial protocol's bitmap.
inline constexpr std::size_t max_parameters = 32;
/// Device types that the types file may define.
inline constexpr std::size_t max_device_types = 64;
/// Bytes of a device type's or a parameter's name, with its NUL.
inline constexpr std::size_t name_size = 32;
/// The type number under which the network protocol shows logged values; no device may have it.
inline constexpr std::uint8_t custom_data_type = 32;
/// Values that student code may log at most, and the bytes of a key with its NUL.
inline constexpr std::size_t max_custom_values = 255;
inline constexpr std::size_t custom_key_size = 64;

enum class ParameterKind : std::uint8_t { integer, floating, boolean };

/// The value of a parameter: 32 bits whose meaning its kind tells. A boolean is 0 or 1.
struct Value {
    std::uint32_t bits;

    static Value of(std::int32_t value) noexcept { return {std::bit_cast<std::uint32_t>(value)}; }
    static Value of(float value) noexcept { return {std::bit_cast<std::uint32_t>(value)}; }
    static Value of(bool value) noexcept { return {value ? 1U : 0U}; }
    std::int32_t integer() const noexcept { return std::bit_cast<std::int32_t>(bits); }
    float floating() const noexcept { return std::bit_cast<float>(bits); }
    bool boolean() const noexcept { return bits != 0; }
    friend bool operator==(Value, Value) noexcept = default;
};

// ---- types: written once by shm_start, then never changed ------------------------------------------------

struct ParameterType {
    std::array<char, name_size> name_bytes;
    ParameterKind kind;
    bool read;         ///< the device reports it
    bool write;        ///< it may be written
    bool stop;         ///< it moves the robot: a stop sets it to zero
    bool bounded;      ///< commanded values are bounded to [minimum, maximum]
    bool game_states;  ///< the game states of a match act on it
    double minimum;
    double maximum;

    std::string_view name() const noexcept { return name_bytes.data(); }
    friend bool operator==(const ParameterType&, const ParameterType&) noexcept = default;
};

struct DeviceType {
    std::array<char, name_size> name_bytes;
    std::uint8_t number;
    std::uint8_t parameter_count;
    std::uint32_t extra_silence_ms;
    std::array<ParameterType, max_parameters> parameters;

    std::string_view name() const noexcept { return name_bytes.data(); }
    /// The index of the parameter, or -1.
    int find(std::string_view parameter) const noexcept {
        for (std::size_t i = 0; i < parameter_count; ++i)
            if (parameters[i].name() == parameter)
                return static_cast<int>(i);
        return -1;
    }
    /// Bit i is set where parameter i has the property, e.g. `bitmap(&ParameterType::stop)`.
    std::uint32_t bitmap(bool ParameterType::*property) const noexcept {
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < parameter_count; ++i)
            if (parameters[i].*property)
                bits |= 1U << i;
        return bits;
    }
    friend bool operator==(const DeviceType&, const DeviceType&) noexcept = default;
};

/// What the types file says, in the order of their numbers.
struct DeviceTypes {
    std::uint64_t count;
    std::array<DeviceType, max_device_types> list;

    /// Null for a number that no type has.
    const DeviceType* find(std::uint8_t number) const noexcept {
        for (std::size_t i = 0; i < count; ++i)
            if (list[i].number == number)
                return &list[i];
        return nullptr;
    }
    friend bool operator==(const DeviceTypes&, const DeviceTypes&) noexcept = default;
};

struct TypesBlock {
    static constexpr std::string_view name = "types";
    static constexpr std::uint32_t layout_version = 2;
    BlockHeader header;
    /// 0 until shm_start has filled `types`; 1 afterwards.
    std::atomic<std::uint64_t> filled;
    DeviceTypes types;
};

/// A view of the types for who uses them.
class TypesReader : public BlockReader<TypesBlock> {
  public:
    /// Throws BlockError, also while they are not filled.
    explicit TypesReader(std::string_view instance) : BlockReader(instance) {
        if ((*this)->filled.load(std::memory_order_acquire) != 1)
            throw BlockError("shared memory block " + block_name(instance, TypesBlock::name) +
                             ": is not finished; run shm_start");
    }
};

// ---- devices: written by dev_handler ---------------------------------------------------------------------

/// Who is connected in a slot.
struct DeviceIdentity {
    std::uint64_t uid;
    Nanoseconds since;  ///< when it was identified, or when it was lost
    /// Counts the connections of this slot: a command carries the generation that it is meant for.
    std::uint32_t generation;
    std::uint8_t type;
    std::uint8_t year;
    bool connected;
    std::uint8_t reserved;
    std::array<char, 64> port;  ///< path of the port, cut if longer; NUL-terminated
    /// Not connected, but expected back until then: it was connected when a dev_handler ended. 0: not.
    Nanoseconds expected_until;
};

/// The latest values that a device reported. Kept, and thereby stale, when the device is lost.
struct DeviceData {
    Nanoseconds time;          ///< when the newest of them arrived; 0: none yet
    std::uint32_t generation;  ///< of the identity that they belong to
    std::uint32_t received;    ///< bit i: parameter i has been reported in this generation
    std::array<Value, max_parameters> values;
};

/// What has happened on a device's line in this generation, and before it since the port was opened or the
/// connection before was lost.
struct LinkStatistics {
    std::uint64_t frames_received;
    std::uint64_t frames_sent;
    std::uint64_t bytes_received;
    std::uint64_t bytes_sent;
    std::uint64_t bad_checksums;
    std::uint64_t bad_frames;        ///< not COBS, or of an impossible length
    std::uint64_t bad_messages;      ///< sound frames with an unknown id, a short payload or the like
    std::uint64_t resyncs;           ///< runs of bytes dropped in search of a delimiter
    std::uint64_t writes_coalesced;  ///< commanded values replaced by a newer one before they could be sent
    std::uint64_t writes_refused;    ///< commanded values that the gate or the type refused
    Nanoseconds last_error;          ///< 0: none
};

/// Acknowledgements that gave no slot, of all ports together: a device that is refused has no link statistics
/// of its own. Goes on over all lives of dev_handler.
struct RefusedDevices {
    std::uint64_t unknown_type;
    std::uint64_t duplicate;  ///< a device of this type and uid was connected already
    std::uint64_t no_slot;    ///< all slots had a connected device
    Nanoseconds last;         ///< 0: none
};

struct DevicesBlock {
    static constexpr std::string_view name = "devices";
    static constexpr std::uint32_t layout_version = 4;
    struct Slot {
        Cell<DeviceIdentity> identity;
        Cell<DeviceData> data;
        Cell<LinkStatistics> statistics;
    };
    BlockHeader header;
    /// Advances after any change of an identity or of data, once per turn of dev_handler's loop. Only the
    /// student process waits for it.
    Signal changed;
    Cell<RefusedDevices> refused;
    alignas(64) std::array<Slot, max_devices> slots;
};

// ---- robot, inputs: written by net_handler ---------------------------------------------------------------

enum class RunMode : std::uint8_t { idle, autonomous, teleop };
/// What people call a mode: IDLE, AUTO, TELEOP.
constexpr std::string_view name_of(RunMode mode) noexcept {
    switch (mode) {
        case RunMode::idle:
            return "IDLE";
        case RunMode::autonomous:
            return "AUTO";
        case RunMode::teleop:
            return "TELEOP";
    }
    return "unknown";
}
enum class StartPosition : std::uint8_t { left, right };

struct RobotState {
    /// A new one for each start of a mode, also for AUTO to TELEOP without IDLE between. Never 0 after
    /// net_handler's start; never repeats in the life of the blocks.
    std::uint64_t run_id;
    Nanoseconds mode_since;
    /// Game states: motors are reversed until, stopped until; 0: not.
    Nanoseconds poison_ivy_until;
    Nanoseconds dehydration_until;
    RunMode mode;
    StartPosition start_position;
    bool hypothermia;  ///< motors are slowed
    bool driver_station_connected;
    bool field_control_connected;
    bool gamepad_connected;
    bool keyboard_connected;
    std::uint8_t reserved;
};

/// Awaited by dev_handler and executor: publish_and_wake.
struct RobotBlock {
    static constexpr std::string_view name = "robot";
    static constexpr std::uint32_t layout_version = 2;
    BlockHeader header;
    Cell<RobotState> state;
};

/// A source that is not connected reads as not pressed and 0.0.
struct Inputs {
    Nanoseconds time;               ///< when the newest of them arrived
    std::uint64_t gamepad_buttons;  ///< bit i: button i
    std::uint64_t keyboard_keys;    ///< bit i: key i
    /// left x, left y, right x, right y; each finite and in [-1, 1]; up is negative
    std::array<float, 4> gamepad_axes;
    bool gamepad_connected;
    bool keyboard_connected;
    std::array<std::uint8_t, 6> reserved;
};

/// Awaited by the student process: publish_and_wake.
struct InputsBlock {
    static constexpr std::string_view name = "inputs";
    static constexpr std::uint32_t layout_version = 2;
    BlockHeader header;
    Cell<Inputs> inputs;
};

// ---- commands, custom-data: written by the student process -----------------------------------------------

/// What the student code commands to the device of one slot. Whoever reads it trusts nothing in it.
struct SlotCommands {
    std::uint64_t run_id;      ///< of the run that commands
    std::uint32_t generation;  ///< of the connection that the command is meant for
    std::uint32_t reserved;
    /// Advances with each command for the parameter, also when the value is the same as before.
    std::array<std::uint32_t, max_parameters> counters;
    std::array<Value, max_parameters> values;
};

struct CommandsBlock {
    static constexpr std::string_view name = "commands";
    static constexpr std::uint32_t layout_version = 2;
    BlockHeader header;
    /// Advances after any change of a slot. Only dev_handler waits for it.
    Signal changed;
    alignas(64) std::array<Cell<SlotCommands>, max_devices> slots;
};

struct CustomValue {
    std::array<char, custom_key_size> key;
    ParameterKind kind;
    std::array<std::uint8_t, 3> reserved;
    Value value;
};

struct CustomDataExtent {
    std::uint64_t run_id;  ///< of the run that logged them
    std::uint64_t count;   ///< entries in use
};

struct CustomDataBlock {
    static constexpr std::string_view name = "custom-data";
    static constexpr std::uint32_t layout_version = 2;
    BlockHeader header;
    Cell<CustomDataExtent> extent;
    std::array<Cell<CustomValue>, max_custom_values> values;
};

// ---- student: written by executor ------------------------------------------------------------------------

enum class StudentPhase : std::uint8_t {
    none,      ///< no student code to run: IDLE, or no usable file
    starting,  ///< a mode was selected; the student process is being made ready
    running,   ///< the student process runs student code: the only phase in which the gate may be open
    ended,     ///< it returned by itself
    failed,    ///< an exception, a crash or a missing entry point ended it
    stuck,     ///< told to end, it has not ended yet
};

struct StudentState {
    std::uint64_t run_id;  ///< of the run that the phase belongs to
    Nanoseconds since;     ///< when the phase began
    StudentPhase phase;
    std::array<std::uint8_t, 3> reserved;
    std::int32_t pid;            ///< of the student process; 0: none
    float loop_rate;             ///< iterations of X_main in the last second
    float longest_iteration_ms;  ///< of X_main in the last second
};

/// Awaited by dev_handler: publish_and_wake.
struct StudentBlock {
    static constexpr std::string_view name = "student";
    static constexpr std::uint32_t layout_version = 2;
    BlockHeader header;
    Cell<StudentState> state;
};

}  // namespace runtime
