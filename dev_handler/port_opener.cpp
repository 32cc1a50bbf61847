#include "dev_handler/port_opener.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "dev_handler/passing_thread.hpp"

namespace runtime::dev_handler {

/// What the threads hand to the loop. Theirs as well: it outlives an opener that ends before them.
struct PortOpener::Ready {
    struct Result {
        Done done;
        Port port;
        int error;
    };

    Ready() : event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (event < 0)
            throw std::system_error(errno, std::generic_category(), "cannot create an event descriptor");
    }
    ~Ready() { close(event); }
    Ready(const Ready&) = delete;
    Ready& operator=(const Ready&) = delete;

    void add(Result result) {
        const std::lock_guard lock(mutex);
        results.push_back(std::move(result));
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t size = write(event, &one, sizeof one);
    }
    std::vector<Result> take() {
        const std::lock_guard lock(mutex);
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t size = read(event, &count, sizeof count);
        return std::exchange(results, {});
    }

    const int event;
    std::mutex mutex;
    std::vector<Result> results;
};

PortOpener::PortOpener(Open open) : open_(std::move(open)), ready_(std::make_shared<Ready>()) {}

PortOpener::~PortOpener() = default;

int PortOpener::descriptor() const noexcept {
    return ready_->event;
}

void PortOpener::open(std::string path, Done done) {
    // A thread that cannot be had must not cost `done`.
    const auto shared_done = std::make_shared<Done>(std::move(done));
    const bool begun = in_passing_thread([open = open_, ready = ready_, path = std::move(path), shared_done] {
        int error = 0;
        Port port = open(path, error);
        ready->add({std::move(*shared_done), std::move(port), error});
    });
    if (!begun)
        ready_->add({std::move(*shared_done), Port(), EAGAIN});
}

void PortOpener::deliver() {
    for (auto& result : ready_->take())
        result.done(std::move(result.port), result.error);
}

}  // namespace runtime::dev_handler
