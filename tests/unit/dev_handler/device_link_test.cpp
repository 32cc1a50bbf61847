#include "dev_handler/device_link.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <future>
#include <thread>
#include <utility>

#include "tests/unit/dev_handler/link_surroundings.hpp"

using namespace runtime;
using namespace runtime::dev_handler;

namespace {

/// In the place of a port that is free, and of another one.
const std::string port = "/dev/null";
const std::string other_port = "/dev/zero";

Port opened(const std::string& path) {
    return {open(path.c_str(), O_RDWR | O_CLOEXEC), PortKind::pseudo_terminal};
}

/// The daemon around one link; ports are opened as the test says.
class Host final : public test::LinkSurroundings {
  public:
    using LinkSurroundings::LinkSurroundings;

    std::shared_ptr<DeviceLink> link(const std::string& path) {
        return std::make_shared<DeviceLink>(*this, path, *port_identity(path));
    }
};

/// Advances a link whose port is open until it is closed because nothing answers; the time of that.
Nanoseconds close_unanswered(DeviceLink& link) {
    while (true) {
        const Nanoseconds time = link.deadline();
        link.advance(time);
        if (link.deadline() - time > ping_period)
            return time;
    }
}

/// Delivers a failure to open; whether the link is to try again `delay` after it.
bool fails_with_delay(Host& host, const DeviceLink& link, Nanoseconds delay) {
    const Nanoseconds before = now();
    host.deliver();
    return link.deadline() >= before + delay && link.deadline() <= now() + delay;
}

/// A symbolic link, removed at the end of its life.
class Name {
  public:
    explicit Name(const std::string& target) {
        std::string directory = std::filesystem::temp_directory_path() / "device_link_XXXXXX";
        REQUIRE(mkdtemp(directory.data()) != nullptr);
        directory_ = directory;
        point_to(target);
    }
    ~Name() { std::filesystem::remove_all(directory_); }
    Name(const Name&) = delete;
    Name& operator=(const Name&) = delete;

    std::string path() const { return directory_ + "/tty"; }
    void point_to(const std::string& target) const {
        std::filesystem::remove(path());
        std::filesystem::create_symlink(target, path());
    }

  private:
    std::string directory_;
};

}  // namespace

TEST_CASE("A port that cannot be opened is tried ever less often, and at once when it changes") {
    Host host([](const std::string&, int& error) {
        error = EBUSY;
        return Port();
    });
    const auto link = host.link(port);
    link->try_now();
    for (const Nanoseconds delay_ms : {50, 100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000}) {
        REQUIRE(fails_with_delay(host, *link, delay_ms * millisecond));
        link->advance(link->deadline() - 1);  // too early
        REQUIRE(link->deadline() != never);
        link->advance(link->deadline());
        REQUIRE(link->deadline() == never);
    }
    REQUIRE(fails_with_delay(host, *link, 10 * second));
    link->try_now();
    CHECK(fails_with_delay(host, *link, 50 * millisecond));
}

TEST_CASE("A port on which nothing answers is asked ever less often") {
    Host host([](const std::string& path, int&) { return opened(path); });
    const auto link = host.link(port);
    link->try_now();
    for (const Nanoseconds delay : {1, 2, 4, 8, 16, 32, 60, 60}) {
        host.deliver();
        const Nanoseconds closed = close_unanswered(*link);
        REQUIRE(link->deadline() == closed + delay * second);
        link->advance(link->deadline());
    }
    host.deliver();
}

TEST_CASE("A link opens its port in the opener's thread and not in the loop") {
    std::atomic<int> openings{0};
    std::thread::id opened_in;
    Host host([&](const std::string& path, int&) {
        opened_in = std::this_thread::get_id();
        ++openings;
        return opened(path);
    });
    const auto link = host.link(port);
    link->try_now();
    CHECK(link->deadline() == never);  // it is not open yet
    host.deliver();
    CHECK(link->deadline() != never);
    CHECK(openings == 1);
    CHECK(opened_in != std::this_thread::get_id());
}

TEST_CASE("A name that is given to another port while it is opened") {
    const Name name(port);
    std::promise<void> begun;
    std::promise<void> renamed;
    std::atomic<int> openings{0};
    std::atomic<int> at_once{0};
    std::atomic<bool> serial{true};
    bool early = false;  // the port is opened before its name leads to another
    SECTION("before it was: it is opened once") {}
    SECTION("after it was: the other one is opened once the first is over") {
        early = true;
    }
    Host host([&, wait = renamed.get_future().share()](const std::string& path, int&) {
        serial = serial && ++at_once == 1;
        Port result;
        if (++openings == 1) {
            if (early)
                result = opened(path);
            begun.set_value();
            wait.wait();
        }
        if (!result.is_open())
            result = opened(path);
        --at_once;
        return result;
    });
    const auto link = host.link(name.path());
    link->try_now();
    begun.get_future().wait();
    name.point_to(other_port);
    link->replace(*port_identity(name.path()), now());
    renamed.set_value();
    host.deliver();
    if (early) {
        CHECK(link->deadline() == never);  // it is being opened again
        host.deliver();
    }
    CHECK(link->deadline() != never);
    CHECK(link->identity() == *port_identity(other_port));
    CHECK(openings == (early ? 2 : 1));
    CHECK(serial);
}

TEST_CASE("A change while a port was opened does not shorten the delay after a later failure") {
    std::promise<void> changed;
    std::atomic<int> openings{0};
    Host host([&, wait = changed.get_future().share()](const std::string& path, int& error) {
        if (++openings == 1) {
            wait.wait();
            return opened(path);
        }
        error = EBUSY;
        return Port();
    });
    const auto link = host.link(port);
    link->try_now();
    link->try_now();
    changed.set_value();
    host.deliver();
    close_unanswered(*link);
    link->advance(link->deadline());
    CHECK(fails_with_delay(host, *link, 50 * millisecond));
    CHECK(openings == 2);
}

TEST_CASE("A change while a port is opened in vain is followed at once") {
    std::promise<void> changed;
    std::atomic<int> openings{0};
    Host host([&, wait = changed.get_future().share()](const std::string& path, int& error) {
        if (++openings > 1)
            return opened(path);
        wait.wait();
        error = EACCES;
        return Port();
    });
    const auto link = host.link(port);
    link->try_now();
    link->try_now();
    changed.set_value();
    host.deliver();
    REQUIRE(link->deadline() == never);
    host.deliver();
    CHECK(link->deadline() != never);
}
