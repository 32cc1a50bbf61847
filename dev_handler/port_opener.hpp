#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "dev_handler/port.hpp"

namespace runtime::dev_handler {

/// Opens ports, each in a thread of its own that ends with it: the drivers of USB ports talk to the device as
/// they open it, and wait 5 s for each answer of one that hangs, whatever the flags. So neither the loop nor
/// another port waits. A path is opened by one thread at a time: two would get in each other's way, and each
/// opening resets many a board.
class PortOpener {
  public:
    /// On failure the port is not open, and `error` holds the errno. What the path led to may have changed
    /// while it was opened: the port tells (Port::identity).
    using Done = std::function<void(Port port, int error)>;
    using Open = std::function<Port(const std::string& path, int& error)>;

    /// Throws std::system_error if there is no event descriptor to be had. `open` is called in the threads.
    explicit PortOpener(Open open = open_port);
    ~PortOpener();
    PortOpener(const PortOpener&) = delete;
    PortOpener& operator=(const PortOpener&) = delete;

    /// Begins to open a port. Whatever comes of it, `done` is called by a later deliver(); never if the
    /// opener ends before, when a port that was opened is closed, or if the same path is asked for again
    /// before: while it is being opened, the result is for the last who asked.
    void open(const std::string& path, Done done);

    /// Readable when deliver() has something to do.
    int descriptor() const noexcept;
    /// Calls `done` of every port that is ready, in the thread that calls this.
    void deliver();

  private:
    struct Ready;
    Open open_;
    std::shared_ptr<Ready> ready_;
    std::map<std::string, Done> waiting_;  ///< by the paths that are being opened
};

}  // namespace runtime::dev_handler
