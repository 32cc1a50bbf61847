#pragma once
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "shm_wrapper/clock.hpp"

namespace runtime {

/// Why a block cannot be created or attached, as one line for a person: which block, what is wrong, what to
/// do.
class BlockError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The head of every block.
struct alignas(64) BlockHeader {
    /// Written last by the creator: a block without it is not finished.
    std::atomic<std::uint64_t> magic;
    std::uint32_t layout_version;
    std::uint32_t reserved;
    std::uint64_t size;
    /// The identity (process_identity) of the writing process; 0: none has claimed the block yet.
    std::atomic<std::uint64_t> writer;
    /// When the writer last said that it is alive and its loop runs; 0: never.
    std::atomic<Nanoseconds> heartbeat;
    /// Not 0 while the writer of this block waits for signals of other blocks (WaitingMark in cell.hpp).
    std::atomic<std::uint32_t> waiting;
    /// How often a writer has claimed the block: one more than its process was restarted. 0: none yet.
    std::atomic<std::uint32_t> writers;
};
static_assert(sizeof(BlockHeader) == 64);

inline constexpr std::uint64_t block_magic = 0x52'75'6e'74'69'6d'65'31;  // "Runtime1"

/// The longest instance name, in bytes.
inline constexpr std::size_t max_instance_length = 32;

/// Whether `instance` may name an instance: empty (the robot itself), or letters, digits and `_`.
bool valid_instance(std::string_view instance) noexcept;

/// "/runtime-NAME-devices-shm", or "/runtime-devices-shm" for the empty instance.
std::string block_name(std::string_view instance, std::string_view block);

/// Identifies a process also after its pid has been used again: pid and start time in one word. 0 if there is
/// no such process (a zombie counts as none), or if the kernel cannot be asked (no descriptor is free, or it
/// hides the process from this user).
std::uint64_t process_identity(pid_t pid) noexcept;
/// The pid in an identity.
pid_t pid_of(std::uint64_t identity) noexcept;
/// The start time in an identity: clock ticks since the machine's start, modulo 2^32.
std::uint32_t start_ticks_of(std::uint64_t identity) noexcept;
/// Whether the process of this identity lives. False for 0. True where the kernel cannot be asked, or a
/// living writer would lose its block.
bool process_lives(std::uint64_t identity) noexcept;

enum class Access { read, write };

/// A mapped block, unmapped at the end of its life. Holds no descriptor.
class Mapping {
  public:
    Mapping() noexcept = default;
    Mapping(void* address, std::size_t size) noexcept : address_(address), size_(size) {}
    Mapping(Mapping&& other) noexcept
        : address_(std::exchange(other.address_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Mapping& operator=(Mapping&& other) noexcept {
        std::swap(address_, other.address_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Mapping();

    void* address() const noexcept { return address_; }
    BlockHeader& header() const noexcept { return *static_cast<BlockHeader*>(address_); }

  private:
    void* address_ = nullptr;
    std::size_t size_ = 0;
};

/// Maps an existing block. Throws BlockError if there is none or if it has another layout.
Mapping attach(const std::string& name, std::uint32_t layout_version, std::size_t size, Access access);

/// The same from a descriptor, which stays the caller's. For a process that was handed the descriptor because
/// it may not open the block itself.
Mapping attach(int descriptor, const std::string& name, std::uint32_t layout_version, std::size_t size,
               Access access);

/// Opens an existing block for writing without mapping or claiming it, to hand the descriptor (close-on-exec)
/// to a child. Throws BlockError.
int open_for_child(const std::string& name);

/// Makes this process the block's writer. Throws BlockError if another living process is. Lock-free: of two
/// processes that claim at the same moment, one wins.
void claim(Mapping& mapping, const std::string& name);

/// What create() found and did.
enum class Created {
    made,      ///< there was none
    kept,      ///< it was there, whole, and its writer lives or none had claimed it
    repaired,  ///< it was there and whole, but its writer has died: released for the next one
    replaced,  ///< it was there but unfinished, of another layout or of another mode: made anew
};

/// Creates the block with mode 0640, filled with zeros and fully backed by memory, so that no later access
/// can raise SIGBUS. Throws BlockError, for example when /dev/shm is full.
Created create(const std::string& name, std::uint32_t layout_version, std::size_t size);

/// Removes the block's name. False if there was none. Throws BlockError where it may not.
bool unlink_block(const std::string& name);

/// A read-only view of block T (a layout of layout.hpp). T: standard layout, starts with `BlockHeader
/// header`, has `name` and `layout_version`.
template <class T>
class BlockReader {
  public:
    /// Throws BlockError.
    explicit BlockReader(std::string_view instance, std::string_view block = T::name)
        : mapping_(attach(block_name(instance, block), T::layout_version, sizeof(T), Access::read)) {}

    const T& operator*() const noexcept { return *static_cast<const T*>(mapping_.address()); }
    const T* operator->() const noexcept { return static_cast<const T*>(mapping_.address()); }

  private:
    Mapping mapping_;
};

/// The one writer's view of block T. Claims the block; the claim ends with the object or the process.
template <class T>
class BlockWriter {
  public:
    /// Throws BlockError, also when another living process is the writer.
    explicit BlockWriter(std::string_view instance, std::string_view block = T::name) {
        const std::string name = block_name(instance, block);
        mapping_ = attach(name, T::layout_version, sizeof(T), Access::write);
        claim(mapping_, name);
    }
    /// From a descriptor that the parent handed over (open_for_child); it stays the caller's to close.
    BlockWriter(int descriptor, std::string_view instance, std::string_view block) {
        const std::string name = block_name(instance, block);
        mapping_ = attach(descriptor, name, T::layout_version, sizeof(T), Access::write);
        claim(mapping_, name);
    }
    BlockWriter(BlockWriter&&) noexcept = default;
    BlockWriter& operator=(BlockWriter&&) noexcept = default;
    ~BlockWriter() {
        if (mapping_.address() != nullptr)
            mapping_.header().writer.store(0, std::memory_order_release);
    }

    T& operator*() const noexcept { return *static_cast<T*>(mapping_.address()); }
    T* operator->() const noexcept { return static_cast<T*>(mapping_.address()); }

    /// Says that the writer lives and its loop runs. Call it every `heartbeat_period`.
    void beat(Nanoseconds time) const noexcept {
        mapping_.header().heartbeat.store(time, std::memory_order_release);
    }

  private:
    Mapping mapping_;
};

/// How often a daemon's loop beats, and the age at which the gate takes it for dead: motors stand within 100
/// ms of the last sign of life, and the zero that stops them has yet to reach its device.
inline constexpr Nanoseconds heartbeat_period = 20 * millisecond;
inline constexpr Nanoseconds heartbeat_limit = 80 * millisecond;

/// Whether a heartbeat read from a header is fresh at `time`.
inline bool fresh(const BlockHeader& header, Nanoseconds time) noexcept {
    const Nanoseconds beat = header.heartbeat.load(std::memory_order_acquire);
    return beat != 0 && time - beat < heartbeat_limit;
}

}  // namespace runtime
