#include "shm_wrapper/block.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <exception>
#include <optional>

#include "shm_wrapper/layout.hpp"
#include "tests/support/temporary_block.hpp"

using namespace runtime;
using Catch::Contains;

namespace {

using OwnBlock = test::TemporaryBlock<RobotBlock>;

struct OtherLayout : RobotBlock {
    static constexpr std::uint32_t layout_version = RobotBlock::layout_version + 1;
};
struct LargerLayout : RobotBlock {
    std::uint64_t more;
};

/// A process that claims the block and then waits to be killed.
class OtherWriter {
  public:
    explicit OtherWriter(const std::string& instance) {
        int ready[2];
        REQUIRE(pipe(ready) == 0);
        pid_ = fork();
        if (pid_ == 0) {
            const BlockWriter<RobotBlock> writer(instance);
            [[maybe_unused]] const auto result = write(ready[1], "x", 1);
            while (true)
                pause();
        }
        char byte = 0;
        CHECK(read(ready[0], &byte, 1) == 1);
        close(ready[0]);
        close(ready[1]);
    }
    ~OtherWriter() { end(); }
    void kill_without_reaping() const {
        kill(pid_, SIGKILL);
        siginfo_t info{};
        waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    }
    void end() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
        pid_ = -1;
    }

  private:
    pid_t pid_;
};

/// Whether the process of `identity` lives, as seen by another user from whom the kernel hides what is not
/// his. Nothing where this machine does not allow that.
std::optional<bool> lives_for_whom_it_is_hidden(std::uint64_t identity) {
    constexpr id_t nobody = 65534;
    const pid_t pid = fork();
    if (pid == 0) {
        const bool hidden = unshare(CLONE_NEWNS) == 0 &&
                            mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                            mount("none", "/proc", "proc", 0, "hidepid=invisible") == 0 &&
                            setgroups(0, nullptr) == 0 && setgid(nobody) == 0 && setuid(nobody) == 0;
        _exit(!hidden ? 2 : process_lives(identity) ? 1 : 0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status) == 2 ? std::nullopt : std::optional(WEXITSTATUS(status) == 1);
}

/// Bytes of one page more than the file system of /dev/shm could ever hold.
std::size_t more_than_fits() {
    struct statvfs status {};
    REQUIRE(statvfs("/dev/shm", &status) == 0);
    return (static_cast<std::size_t>(status.f_blocks) + 1) * status.f_frsize;
}

}  // namespace

TEST_CASE("block names carry the instance") {
    CHECK(block_name("", "devices") == "/runtime-devices-shm");
    CHECK(block_name("field_3", "custom-data") == "/runtime-field_3-custom-data-shm");
}

TEST_CASE("an instance name holds letters, digits and underscores only") {
    CHECK(valid_instance(""));
    CHECK(valid_instance("Robot_7"));
    CHECK(valid_instance(std::string(max_instance_length, 'x')));
    CHECK_FALSE(valid_instance(std::string(max_instance_length + 1, 'x')));
    CHECK_FALSE(valid_instance("a-b"));
    CHECK_FALSE(valid_instance("../x"));
    CHECK_FALSE(valid_instance("a/b"));
}

TEST_CASE("a block is readable by the group and by nobody else") {
    const OwnBlock block;
    struct stat status {};
    REQUIRE(stat(("/dev/shm" + block.name()).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("a missing block is refused with the remedy") {
    CHECK_THROWS_WITH(BlockReader<RobotBlock>("no_such_instance"),
                      Contains("/runtime-no_such_instance-robot-shm") && Contains("run shm_start"));
}

TEST_CASE("a block of another layout is refused") {
    const OwnBlock block;
    CHECK_THROWS_WITH(BlockReader<OtherLayout>(block.instance()), Contains("another layout"));
    CHECK_THROWS_WITH(BlockReader<LargerLayout>(block.instance()), Contains("another layout"));
    CHECK_THROWS_WITH(BlockWriter<OtherLayout>(block.instance()), Contains("another layout"));
}

TEST_CASE("a block that is shorter than its layout is refused instead of raising SIGBUS later") {
    const OwnBlock block;
    const int descriptor = shm_open(block.name().c_str(), O_RDWR, 0);
    REQUIRE(ftruncate(descriptor, sizeof(BlockHeader)) == 0);
    CHECK_THROWS_WITH(BlockReader<RobotBlock>(block.instance()), Contains("another layout"));
    REQUIRE(ftruncate(descriptor, 0) == 0);
    CHECK_THROWS_WITH(BlockReader<RobotBlock>(block.instance()), Contains("not finished"));
    close(descriptor);
}

TEST_CASE("a second living writer is refused, by the process's number") {
    const OwnBlock block;
    OtherWriter other(block.instance());
    CHECK_THROWS_WITH(BlockWriter<RobotBlock>(block.instance()), Contains("still runs"));
    SECTION("a dead one is not in the way") {
        other.end();
        CHECK_NOTHROW(BlockWriter<RobotBlock>(block.instance()));
    }
    SECTION("nor is a zombie") {
        other.kill_without_reaping();
        CHECK_NOTHROW(BlockWriter<RobotBlock>(block.instance()));
    }
}

TEST_CASE("of many processes that claim at the same moment, exactly one becomes the writer") {
    const OwnBlock block;
    int go[2];
    int done[2];
    REQUIRE(pipe(go) == 0);
    REQUIRE(pipe(done) == 0);
    constexpr int contenders = 12;
    std::array<pid_t, contenders> pids{};
    for (auto& pid : pids) {
        pid = fork();
        if (pid == 0) {
            close(go[1]);
            char byte = 0;
            [[maybe_unused]] auto result = read(go[0], &byte, 1);  // ends when the parent closes its end
            try {
                const BlockWriter<RobotBlock> writer(block.instance());
                result = write(done[1], "w", 1);
                while (true)
                    pause();
            } catch (const BlockError&) {
                result = write(done[1], "r", 1);
                _exit(0);
            }
        }
    }
    close(go[0]);
    close(go[1]);
    int winners = 0;
    for (int i = 0; i < contenders; ++i) {
        char byte = 0;
        REQUIRE(read(done[0], &byte, 1) == 1);
        winners += byte == 'w' ? 1 : 0;
    }
    for (const pid_t pid : pids) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
    close(done[0]);
    close(done[1]);
    CHECK(winners == 1);
}

TEST_CASE("a claim clears what a killed writer left in the header") {
    const OwnBlock block;
    {
        const BlockWriter<RobotBlock> writer(block.instance());
        writer->header.waiting = 3;
        writer.beat(now());
        CHECK(fresh(writer->header, now()));
    }
    const BlockWriter<RobotBlock> next(block.instance());
    CHECK(next->header.waiting == 0);
    CHECK_FALSE(fresh(next->header, now()));
}

TEST_CASE("a block counts its writers, also those that were killed, and not those that were refused") {
    const OwnBlock block;
    const BlockReader<RobotBlock> reader(block.instance());
    CHECK(reader->header.writers == 0);
    { const BlockWriter<RobotBlock> first(block.instance()); }
    CHECK(reader->header.writers == 1);
    OtherWriter second(block.instance());
    CHECK(reader->header.writers == 2);
    CHECK_THROWS_AS(BlockWriter<RobotBlock>(block.instance()), BlockError);
    CHECK(reader->header.writers == 2);
    second.end();
    CHECK(create(block.name(), RobotBlock::layout_version, sizeof(RobotBlock)) == Created::repaired);
    const BlockWriter<RobotBlock> third(block.instance());
    CHECK(reader->header.writers == 3);
}

TEST_CASE("a heartbeat is fresh for 80 ms") {
    BlockHeader header{};
    CHECK_FALSE(fresh(header, 50 * millisecond));  // never beaten
    header.heartbeat = second;
    CHECK(fresh(header, second));
    CHECK(fresh(header, second + 79 * millisecond));
    CHECK_FALSE(fresh(header, second + 80 * millisecond));
}

TEST_CASE("create keeps a whole block, releases it from a dead writer, replaces what is not whole") {
    const OwnBlock block;
    const auto create_again = [&] {
        return create(block.name(), RobotBlock::layout_version, sizeof(RobotBlock));
    };
    {
        BlockWriter<RobotBlock> writer(block.instance());
        RobotState state{};
        state.run_id = 42;
        writer->state.publish(state);
        CHECK(create_again() == Created::kept);
    }
    CHECK(create_again() == Created::kept);
    {
        OtherWriter other(block.instance());
        CHECK(create_again() == Created::kept);
        other.end();
        CHECK(create_again() == Created::repaired);
        CHECK(create_again() == Created::kept);
    }
    CHECK(BlockReader<RobotBlock>(block.instance())->state.read().run_id == 42);

    // Whoever cannot be kept from its owner's file may take all rights to it away.
    const std::string file = "/dev/shm" + block.name();
    REQUIRE(chmod(file.c_str(), 0) == 0);
    CHECK(create_again() == Created::replaced);
    struct stat status {};
    REQUIRE(stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0640);

    CHECK(create(block.name(), OtherLayout::layout_version, sizeof(OtherLayout)) == Created::replaced);
    CHECK(BlockReader<OtherLayout>(block.instance())->state.read().run_id == 0);
}

TEST_CASE("a full /dev/shm is an error, not a SIGBUS, and leaves no half block") {
    const std::string name = block_name("test_" + std::to_string(getpid()) + "_unit", "huge");
    CHECK_THROWS_WITH(create(name, 1, more_than_fits()), Contains("no memory for it in /dev/shm"));
    CHECK_FALSE(unlink_block(name));
}

TEST_CASE("no free descriptor is an error that says so") {
    const OwnBlock block;
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    std::exception_ptr error;
    try {
        const BlockReader<RobotBlock> reader(block.instance());
    } catch (...) {
        error = std::current_exception();
    }
    // Before the error is looked at: the sanitizer needs a descriptor for that.
    setrlimit(RLIMIT_NOFILE, &before);
    REQUIRE(error);
    CHECK_THROWS_WITH(std::rethrow_exception(error),
                      Contains(block.name()) && Contains("Too many open files"));
}

TEST_CASE("a living writer keeps its block also where no descriptor is left to look whether it lives") {
    const OwnBlock block;
    const OtherWriter other(block.instance());
    const BlockReader<RobotBlock> reader(block.instance());
    const std::uint64_t writer = reader->header.writer;
    const int free_descriptor = dup(0);
    close(free_descriptor);
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit one_free = before;
    one_free.rlim_cur = static_cast<rlim_t>(free_descriptor) + 1;
    setrlimit(RLIMIT_NOFILE, &one_free);
    const Created created = create(block.name(), RobotBlock::layout_version, sizeof(RobotBlock));
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(created == Created::kept);
    CHECK(reader->header.writer == writer);
}

TEST_CASE("a living process lives also for a user from whom the kernel hides it, and a dead one does not") {
    const pid_t child = fork();
    if (child == 0)
        while (true)
            pause();
    const std::uint64_t identity = process_identity(child);
    const auto living = lives_for_whom_it_is_hidden(identity);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const auto dead = lives_for_whom_it_is_hidden(identity);
    if (!living) {
        WARN("skipped: this machine allows no mount namespaces");
        return;
    }
    CHECK(living == true);
    CHECK(dead == false);
}

TEST_CASE("a mapping keeps no descriptor") {
    const OwnBlock block;
    const int before = dup(0);
    close(before);
    const BlockWriter<RobotBlock> writer(block.instance());
    const BlockReader<RobotBlock> reader(block.instance());
    const int after = dup(0);
    close(after);
    CHECK(after == before);
}

TEST_CASE("a reader cannot write: its mapping is read-only") {
    const OwnBlock block;
    const pid_t pid = fork();
    if (pid == 0) {
        const rlimit no_core{0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        std::signal(SIGSEGV, SIG_DFL);
        const BlockReader<RobotBlock> reader(block.instance());
        const_cast<RobotBlock&>(*reader).header.writer = 1;
        _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGSEGV);
}
