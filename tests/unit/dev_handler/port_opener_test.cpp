#include "dev_handler/port_opener.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <future>
#include <new>
#include <optional>
#include <thread>

using namespace runtime;
using namespace runtime::dev_handler;

namespace {

constexpr int patience_ms = 60000;

bool readable(int descriptor) {
    pollfd wait{descriptor, POLLIN, 0};
    return poll(&wait, 1, patience_ms) == 1;
}

Port any_port() {
    return {open("/dev/null", O_RDWR | O_CLOEXEC), PortKind::pseudo_terminal};
}

}  // namespace

TEST_CASE("A port whose opening hangs keeps neither the caller nor another port waiting") {
    std::promise<void> answered;
    PortOpener opener([answer = answered.get_future().share()](const std::string& path, int&) {
        if (path == "hangs")
            answer.wait();
        return any_port();
    });
    std::vector<std::string> opened;
    const auto open = [&](const std::string& path) {
        opener.open(path, [&opened, path](Port port, int error) {
            CHECK(port.is_open());
            CHECK(error == 0);
            opened.push_back(path);
        });
    };
    open("hangs");
    open("works");
    REQUIRE(readable(opener.descriptor()));
    opener.deliver();
    CHECK(opened == std::vector<std::string>{"works"});
    answered.set_value();
    REQUIRE(readable(opener.descriptor()));
    opener.deliver();
    CHECK(opened == std::vector<std::string>{"works", "hangs"});
}

TEST_CASE("A port that cannot be opened is reported with its error") {
    PortOpener opener;
    std::optional<int> failure;
    opener.open("/nowhere/ttyACM0", [&](Port port, int error) {
        CHECK_FALSE(port.is_open());
        failure = error;
    });
    REQUIRE(readable(opener.descriptor()));
    opener.deliver();
    CHECK(failure == ENOENT);
}

TEST_CASE("A port is opened in another thread than the caller's") {
    std::thread::id opened_in;
    PortOpener opener([&](const std::string&, int&) {
        opened_in = std::this_thread::get_id();
        return any_port();
    });
    bool done = false;
    opener.open("port", [&](Port, int) { done = true; });
    CHECK_FALSE(done);
    REQUIRE(readable(opener.descriptor()));
    opener.deliver();
    CHECK(done);
    CHECK(opened_in != std::thread::id());
    CHECK(opened_in != std::this_thread::get_id());
}

TEST_CASE("A path that is asked for again while it is opened is opened once, for the last who asked") {
    std::promise<void> answered;
    std::atomic<int> openings{0};
    PortOpener opener([&openings, answer = answered.get_future().share()](const std::string&, int&) {
        ++openings;
        answer.wait();
        return any_port();
    });
    std::vector<std::string> got;
    opener.open("port", [&](Port, int) { got.emplace_back("first"); });
    opener.open("port", [&](Port port, int) {
        CHECK(port.is_open());
        got.emplace_back("second");
    });
    answered.set_value();
    REQUIRE(readable(opener.descriptor()));
    opener.deliver();
    CHECK(got == std::vector<std::string>{"second"});
    CHECK(openings == 1);
    opener.open("port", [&](Port, int) { got.emplace_back("third"); });
    REQUIRE(readable(opener.descriptor()));
    opener.deliver();
    CHECK(got.back() == "third");
    CHECK(openings == 2);
}

TEST_CASE("An opening for which there is no memory is a port that cannot be opened") {
    PortOpener opener([](const std::string&, int&) -> Port { throw std::bad_alloc(); });
    std::optional<int> failure;
    opener.open("port", [&](Port port, int error) {
        CHECK_FALSE(port.is_open());
        failure = error;
    });
    REQUIRE(readable(opener.descriptor()));
    opener.deliver();
    CHECK(failure == ENOMEM);
}

TEST_CASE("A port that is opened after its opener has ended is closed, and nobody is called") {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    std::promise<void> ended;
    std::optional<PortOpener> opener;
    opener.emplace([end = ended.get_future().share(), port = ends[1]](const std::string&, int&) {
        end.wait();
        return Port(port, PortKind::pseudo_terminal);
    });
    opener->open("late", [](Port, int) { FAIL("called"); });
    opener.reset();
    ended.set_value();
    REQUIRE(readable(ends[0]));
    char byte = 0;
    CHECK(read(ends[0], &byte, 1) == 0);  // the other end is closed
    close(ends[0]);
}
