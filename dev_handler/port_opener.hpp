#pragma once
#include <functional>
#include <memory>
#include <string>

#include "dev_handler/port.hpp"

namespace runtime::dev_handler {

/// Opens ports, each in a thread of its own that ends with it: the drivers of USB ports talk to the device as
/// they open it, and wait 5 s for each answer of one that hangs, whatever the flags. So neither the loop nor
/// another port waits.
class PortOpener {
  public:
    /// On failure the port is not open, and `error` holds the errno.
    using Done = std::function<void(Port port, int error)>;
    using Open = std::function<Port(const std::string& path, int& error)>;

    /// Throws std::system_error if there is no event descriptor to be had. `open` is called in the threads.
    explicit PortOpener(Open open = open_port);
    ~PortOpener();
    PortOpener(const PortOpener&) = delete;
    PortOpener& operator=(const PortOpener&) = delete;

    /// Begins to open a port. Whatever comes of it, `done` is called by a later deliver(), or never if the
    /// opener ends before; then it is destroyed in the thread, and a port that was opened is closed.
    void open(std::string path, Done done);

    /// Readable when deliver() has something to do.
    int descriptor() const noexcept;
    /// Calls `done` of every port that is ready, in the thread that calls this.
    void deliver();

  private:
    struct Ready;
    Open open_;
    std::shared_ptr<Ready> ready_;
};

}  // namespace runtime::dev_handler
