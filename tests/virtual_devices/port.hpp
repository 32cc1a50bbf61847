#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

namespace runtime::virtual_devices {

/// A descriptor, closed at the end of its life.
class Descriptor {
  public:
    explicit Descriptor(int value = -1) noexcept : value_(value) {}
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();
    int get() const noexcept { return value_; }

  private:
    int value_;
};

/// The directory of the links. One running program owns it (a lock on the directory itself, so nothing is
/// left behind by a kill); links of an earlier run that was killed are removed, since the pseudo-terminals
/// that they name may by now be anybody's.
class PortDirectory {
  public:
    /// Makes the directory where it is missing. Throws std::runtime_error, also where another program owns
    /// it.
    explicit PortDirectory(std::filesystem::path path);
    /// Removes the directory if this made it and nothing is left in it.
    ~PortDirectory();
    PortDirectory(const PortDirectory&) = delete;
    PortDirectory& operator=(const PortDirectory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
    bool made_;
    Descriptor lock_;
};

/// The device's end of a serial port: of a pseudo-terminal behind a symbolic link, which exists as long as
/// the object, or of something that exists without it.
class Port {
  public:
    /// What stands at the path of a port.
    enum class Kind : std::uint8_t {
        pseudo_terminal,  ///< nothing yet: a pseudo-terminal is made, and a link to it
        existing,         ///< a terminal (a USB gadget's) or another device (a virtio port): it is opened
    };
    /// Throws std::runtime_error, for a pseudo-terminal also where something else than a link to one stands
    /// at `path`.
    Port(std::filesystem::path path, Kind kind);
    /// Removes the link, if it is ours, and then the port: who has it open sees it hang up.
    ~Port();
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    const std::filesystem::path& link() const noexcept { return link_; }
    /// The pseudo-terminal that the link points to; for an existing port its path.
    const std::filesystem::path& terminal() const noexcept { return terminal_; }
    /// Whether the file system tells when a host opens and closes the port.
    bool tells_openings() const noexcept { return kind_ == Kind::pseudo_terminal; }
    /// Readable when the host has written.
    int descriptor() const noexcept { return master_.get(); }

    /// What the host has written so far; 0: nothing. Never waits.
    std::size_t read(std::span<std::uint8_t> buffer) noexcept;
    /// How many of the bytes the port took; fewer when the host does not read. Never waits.
    std::size_t write(std::span<const std::uint8_t> bytes) noexcept;
    /// Undoes what a host that is gone has left: bytes that it did not read, exclusive use, settings.
    void clean() noexcept;

  private:
    void make();
    void attach();

    Kind kind_;
    std::filesystem::path link_;
    std::filesystem::path terminal_;
    Descriptor master_;
    // Kept open, so that the master sees no error while no host has the port open.
    Descriptor slave_;
};

/// Tells when hosts open and close ports.
class OpenWatch {
  public:
    /// Throws std::runtime_error.
    OpenWatch();
    /// Readable when something has happened.
    int descriptor() const noexcept { return inotify_.get(); }
    /// The key under which changes of this port will be told. Throws std::runtime_error.
    int add(const Port& port);
    void remove(int key) noexcept;
    /// Tells each change since the last call, in order. Equal ones in a row may be told once.
    void take(const std::function<void(int key, bool opened)>& changed);

  private:
    Descriptor inotify_;
};

}  // namespace runtime::virtual_devices
