#include "dev_handler/port_opener.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <list>
#include <mutex>
#include <system_error>
#include <utility>

#include "dev_handler/passing_thread.hpp"

namespace runtime::dev_handler {

/// What the threads hand to the loop. Theirs as well: it outlives an opener that ends before them.
struct PortOpener::Ready {
    struct Result {
        std::string path;
        Port port;
        int error;
    };
    /// Of one result. Made in the loop, so that the thread needs no memory to hand it over.
    using Results = std::list<Result>;

    Ready() : event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (event < 0)
            throw std::system_error(errno, std::generic_category(), "cannot create an event descriptor");
    }
    ~Ready() { close(event); }
    Ready(const Ready&) = delete;
    Ready& operator=(const Ready&) = delete;

    void add(Results& result) noexcept {
        const std::lock_guard lock(mutex);
        results.splice(results.end(), result);
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t size = write(event, &one, sizeof one);
    }
    Results take() {
        const std::lock_guard lock(mutex);
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t size = read(event, &count, sizeof count);
        return std::exchange(results, {});
    }

    const int event;
    std::mutex mutex;
    Results results;
};

PortOpener::PortOpener(Open open) : open_(std::move(open)), ready_(std::make_shared<Ready>()) {}

PortOpener::~PortOpener() = default;

int PortOpener::descriptor() const noexcept {
    return ready_->event;
}

void PortOpener::open(const std::string& path, Done done) {
    const bool under_way = waiting_.count(path) != 0;
    waiting_[path] = std::move(done);
    if (under_way)
        return;
    const auto result = std::make_shared<Ready::Results>();
    result->push_back({path, Port(), EAGAIN});
    const bool begun = in_passing_thread([open = open_, ready = ready_, result] {
        auto& [name, port, error] = result->front();
        error = 0;
        try {
            port = open(name, error);
        } catch (...) {
            error = ENOMEM;  // nothing else can be thrown there, and nothing may end the program
        }
        ready->add(*result);
    });
    if (!begun)
        ready_->add(*result);
}

void PortOpener::deliver() {
    for (auto& result : ready_->take())
        if (auto asked = waiting_.extract(result.path))
            asked.mapped()(std::move(result.port), result.error);
}

}  // namespace runtime::dev_handler
