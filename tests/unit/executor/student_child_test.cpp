#include "executor/student_child.hpp"

#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <string>

using namespace runtime::executor;
namespace asio = boost::asio;

namespace {

std::unique_ptr<StudentChild> shell(asio::io_context& loop, const std::string& script) {
    const Program program("/bin/sh");
    return std::make_unique<StudentChild>(loop, launch(program, {"-c", script}, Descriptor(), Descriptor()));
}

}  // namespace

TEST_CASE("a wake that was meant for a process that has gone does not have the loop wait for a new one") {
    asio::io_context loop{1};
    asio::posix::stream_descriptor bell(loop, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    asio::steady_timer timer(loop);
    auto first = shell(loop, "echo begun");
    std::unique_ptr<StudentChild> second;
    bool asked = false;
    std::optional<int> status;

    // The kernel reports a process twice, when it ends and when it is reaped, and the second report is on its
    // way when the first one's object goes. Before it comes the bell, which is rung before the process is
    // reaped; what it starts then gets the place in Asio that the report is for.
    bell.async_wait(asio::posix::stream_descriptor::wait_read, [&](const auto&) {
        second = shell(loop, "exec sleep 60");
        second->set_events({[](const auto&, auto) {}, [](auto) {},
                            [&](int wait_status) {
                                status = wait_status;
                                loop.stop();
                            }});
        timer.expires_after(std::chrono::milliseconds(20));
        timer.async_wait([&](const auto&) {
            asked = true;
            second->signal(SIGTERM);
        });
    });
    first->set_events({[](const auto&, auto) {}, [&](auto) { eventfd_write(bell.native_handle(), 1); },
                       [&](int) { asio::post(loop, [&] { first.reset(); }); }});
    // So that the loop sees its line and its end in one turn.
    siginfo_t ended{};
    REQUIRE(waitid(P_PID, static_cast<id_t>(first->pid()), &ended, WEXITED | WNOWAIT) == 0);
    loop.run();

    CHECK(asked);
    REQUIRE(status);
    CHECK(WIFSIGNALED(*status));
}
