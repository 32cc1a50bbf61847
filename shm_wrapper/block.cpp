#include "shm_wrapper/block.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace runtime {
namespace {

constexpr mode_t block_mode = 0640;

class Descriptor {
  public:
    explicit Descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
    ~Descriptor() {
        if (descriptor_ >= 0)
            close(descriptor_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const noexcept { return descriptor_; }
    int release() noexcept { return std::exchange(descriptor_, -1); }

  private:
    int descriptor_;
};

std::string reason(int error) {
    return std::generic_category().message(error);
}

[[noreturn]] void fail(const std::string& name, const std::string& what) {
    throw BlockError("shared memory block " + name + ": " + what);
}

int open_existing(const std::string& name, Access access) {
    const int descriptor = shm_open(name.c_str(), access == Access::write ? O_RDWR : O_RDONLY, 0);
    if (descriptor >= 0)
        return descriptor;
    if (errno == ENOENT)
        fail(name, "does not exist; run shm_start first");
    fail(name, "cannot be opened: " + reason(errno));
}

bool has_block_mode(int descriptor) {
    struct stat status {};
    return fstat(descriptor, &status) == 0 && (status.st_mode & 07777) == block_mode;
}

/// Empty if the block behind `descriptor` has this layout, else what is wrong with it.
std::string layout_fault(int descriptor, std::uint32_t layout_version, std::size_t size) {
    struct stat status {};
    if (fstat(descriptor, &status) != 0)
        return "cannot be examined: " + reason(errno);
    if (static_cast<std::size_t>(status.st_size) < sizeof(BlockHeader))
        return "is not finished or not ours (" + std::to_string(status.st_size) + " bytes)";
    void* address = mmap(nullptr, sizeof(BlockHeader), PROT_READ, MAP_SHARED, descriptor, 0);
    if (address == MAP_FAILED)
        return "cannot be mapped: " + reason(errno);
    const Mapping head(address, sizeof(BlockHeader));
    const BlockHeader& header = head.header();
    if (header.magic.load(std::memory_order_acquire) != block_magic)
        return "is not finished or not ours (no magic)";
    if (header.layout_version != layout_version || header.size != size ||
        static_cast<std::size_t>(status.st_size) != size)
        return "has another layout (version " + std::to_string(header.layout_version) + ", " +
               std::to_string(header.size) + " bytes; this program needs version " +
               std::to_string(layout_version) + ", " + std::to_string(size) + " bytes)";
    return {};
}

/// As process_identity; nothing where it cannot be found out.
std::optional<std::uint64_t> look_up_identity(pid_t pid) noexcept {
    std::array<char, 32> path{};
    std::snprintf(path.data(), path.size(), "/proc/%d/stat", static_cast<int>(pid));
    const Descriptor file(open(path.data(), O_RDONLY | O_CLOEXEC));
    std::array<char, 1024> text{};
    const ssize_t length = file.get() < 0 ? -1 : ::read(file.get(), text.data(), text.size() - 1);
    // The kernel may hide another user's process (hidepid, ProtectProc=), but not that there is one.
    if (length < 0 && (errno == ENOENT || errno == ESRCH) &&
        (pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH)))
        return 0;
    if (length <= 0)
        return std::nullopt;
    // After the name, which may hold anything, in parentheses: field 3 is the state, field 22 the start time.
    const char* field = std::strrchr(text.data(), ')');
    if (field == nullptr || field[1] == '\0')
        return std::nullopt;
    ++field;
    if (field[1] == 'Z' || field[1] == 'X')
        return 0;
    for (int number = 3; number < 22 && field != nullptr; ++number)
        field = std::strchr(field + 1, ' ');
    if (field == nullptr)
        return std::nullopt;
    const auto start_time = static_cast<std::uint32_t>(std::strtoull(field, nullptr, 10));
    return (static_cast<std::uint64_t>(pid) << 32) | start_time;
}

}  // namespace

bool valid_instance(std::string_view instance) noexcept {
    return instance.size() <= max_instance_length &&
           std::all_of(instance.begin(), instance.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::string block_name(std::string_view instance, std::string_view block) {
    std::string name = "/runtime-";
    if (!instance.empty())
        name.append(instance).append("-");
    return name.append(block).append("-shm");
}

std::uint64_t process_identity(pid_t pid) noexcept {
    return look_up_identity(pid).value_or(0);
}

pid_t pid_of(std::uint64_t identity) noexcept {
    return static_cast<pid_t>(identity >> 32);
}

std::uint32_t start_ticks_of(std::uint64_t identity) noexcept {
    return static_cast<std::uint32_t>(identity);
}

bool process_lives(std::uint64_t identity) noexcept {
    return identity != 0 && look_up_identity(pid_of(identity)).value_or(identity) == identity;
}

Mapping::~Mapping() {
    if (address_ != nullptr)
        munmap(address_, size_);
}

Mapping attach(const std::string& name, std::uint32_t layout_version, std::size_t size, Access access) {
    const Descriptor descriptor(open_existing(name, access));
    return attach(descriptor.get(), name, layout_version, size, access);
}

Mapping attach(int descriptor, const std::string& name, std::uint32_t layout_version, std::size_t size,
               Access access) {
    if (const std::string fault = layout_fault(descriptor, layout_version, size); !fault.empty())
        fail(name, fault + "; stop all programs of the robot and run shm_start");
    const int protection = access == Access::write ? PROT_READ | PROT_WRITE : PROT_READ;
    void* address = mmap(nullptr, size, protection, MAP_SHARED, descriptor, 0);
    if (address == MAP_FAILED)
        fail(name, "cannot be mapped: " + reason(errno));
    return {address, size};
}

int open_for_child(const std::string& name) {
    return open_existing(name, Access::write);
}

void claim(Mapping& mapping, const std::string& name) {
    const std::uint64_t self = process_identity(getpid());
    if (self == 0)
        fail(name, "cannot be claimed: /proc is not readable");
    auto& writer = mapping.header().writer;
    std::uint64_t current = writer.load(std::memory_order_acquire);
    do {
        if (process_lives(current))
            fail(name, "is written by process " + std::to_string(pid_of(current)) +
                           ", which still runs; stop it first");
    } while (!writer.compare_exchange_strong(current, self, std::memory_order_acq_rel));
    mapping.header().writers.fetch_add(1, std::memory_order_release);
    // What a writer that was killed left behind.
    mapping.header().waiting.store(0, std::memory_order_seq_cst);
    mapping.header().heartbeat.store(0, std::memory_order_release);
}

Created create(const std::string& name, std::uint32_t layout_version, std::size_t size) {
    Created result = Created::made;
    if (const Descriptor existing(shm_open(name.c_str(), O_RDWR, 0)); existing.get() >= 0) {
        if (layout_fault(existing.get(), layout_version, size).empty() && has_block_mode(existing.get())) {
            const Mapping mapping = attach(existing.get(), name, layout_version, size, Access::write);
            std::uint64_t writer = mapping.header().writer.load(std::memory_order_acquire);
            if (writer == 0 || process_lives(writer))
                return Created::kept;
            mapping.header().writer.compare_exchange_strong(writer, 0, std::memory_order_acq_rel);
            return Created::repaired;
        }
        unlink_block(name);
        result = Created::replaced;
    } else if (errno == EACCES) {
        // Somebody took the owner's own rights away; what is not ours cannot be removed either.
        unlink_block(name);
        result = Created::replaced;
    } else if (errno != ENOENT) {
        fail(name, "cannot be opened: " + reason(errno));
    }

    Descriptor descriptor(shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, block_mode));
    if (descriptor.get() < 0)
        fail(name, "cannot be created: " + reason(errno));
    const auto give_up = [&](const char* what, int error) {
        shm_unlink(name.c_str());
        fail(name, what + reason(error));
    };
    if (fchmod(descriptor.get(), block_mode) != 0)  // whatever the umask is
        give_up("cannot get its mode: ", errno);
    if (ftruncate(descriptor.get(), static_cast<off_t>(size)) != 0)
        give_up("cannot get its size: ", errno);
    // Without this, a full /dev/shm shows as SIGBUS at the first touch of a page instead of as an error here.
    if (const int error = posix_fallocate(descriptor.get(), 0, static_cast<off_t>(size)); error != 0)
        give_up("no memory for it in /dev/shm: ", error);
    void* address = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.get(), 0);
    if (address == MAP_FAILED)
        give_up("cannot be mapped: ", errno);
    const Mapping mapping(address, size);
    mapping.header().layout_version = layout_version;
    mapping.header().size = size;
    mapping.header().magic.store(block_magic, std::memory_order_release);
    return result;
}

bool unlink_block(const std::string& name) {
    if (shm_unlink(name.c_str()) == 0)
        return true;
    if (errno == ENOENT)
        return false;
    fail(name, "cannot be removed: " + reason(errno));
}

}  // namespace runtime
