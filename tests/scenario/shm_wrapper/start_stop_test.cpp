#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "shm_wrapper/block_watch.hpp"
#include "shm_wrapper/instance.hpp"
#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_ring.hpp"
#include "tests/support/process.hpp"

using namespace runtime;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

const std::string types_file = SOURCE_DIRECTORY "/shm_wrapper/device_types.textproto";

struct Fixture {
    std::string instance = "test_" + std::to_string(getpid()) + "_start_stop";

    ~Fixture() { stop(); }
    test::Result start(const std::string& types = types_file) const {
        return test::run({"shm_start", "--instance", instance, "--device-types", types});
    }
    /// As the daemons' units do it.
    test::Result complete(const std::string& types = types_file) const {
        return test::run({"shm_start", "--instance", instance, "--device-types", types, "--only-missing"});
    }
    test::Process start_in_background() const {
        return test::Process({"shm_start", "--instance", instance, "--device-types", types_file});
    }
    test::Result stop() const { return test::run({"shm_stop", "--instance", instance}); }
    std::vector<std::string> blocks() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator("/dev/shm"))
            if (entry.path().filename().string().find("-" + instance + "-") != std::string::npos)
                names.push_back(entry.path().filename());
        return names;
    }
    /// A process that becomes the writer of the robot block and is killed.
    void leave_a_dead_writer() const {
        const pid_t pid = fork();
        if (pid == 0) {
            new BlockWriter<RobotBlock>(instance);
            kill(getpid(), SIGKILL);
        }
        waitpid(pid, nullptr, 0);
    }
};

/// A device types file that names another type.
struct OtherTypes {
    std::string file;

    explicit OtherTypes(const std::string& name) : file(fs::temp_directory_path() / (name + ".textproto")) {
        std::ofstream(file) << R"(device_types { number: 9 name: "Arm"
                                 parameters { name: "angle" kind: FLOAT read: true } })";
    }
    ~OtherTypes() { fs::remove(file); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "shm_start makes every block, quietly, and shm_stop leaves none") {
    const auto started = start();
    CHECK(started.status == 0);
    CHECK(started.output.empty());
    CHECK(blocks().size() == 8 + logging_processes.size());
    const BlockReader<TypesBlock> types(instance);
    CHECK(types->filled == 1);
    CHECK(types->types.find(6)->name() == "KoalaBear");
    const auto stopped = stop();
    CHECK(stopped.status == 0);
    CHECK(stopped.output.empty());
    CHECK(blocks().empty());
}

TEST_CASE_METHOD(Fixture, "shm_start and shm_stop may be repeated") {
    CHECK(start().status == 0);
    {
        BlockWriter<RobotBlock> writer(instance);
        RobotState state{};
        state.run_id = 7;
        writer->state.publish(state);
        const auto again = start();
        CHECK(again.status == 0);
        CHECK(again.output.empty());
    }
    CHECK(BlockReader<RobotBlock>(instance)->state.read().run_id == 7);
    CHECK(stop().status == 0);
    const auto again = stop();
    CHECK(again.status == 0);
    CHECK(again.output.empty());
}

TEST_CASE_METHOD(Fixture, "several shm_start at once make each block once, and none of them fails") {
    for (int round = 0; round < 10; ++round) {
        REQUIRE(stop().status == 0);
        constexpr int count = 6;
        std::vector<test::Process> starters;
        starters.reserve(count);
        for (int i = 0; i < count; ++i)
            starters.push_back(start_in_background());
        for (auto& starter : starters) {
            const auto status = starter.wait();
            CAPTURE(round, starter.output());
            REQUIRE(status == 0);
            REQUIRE(starter.output().empty());
        }
        REQUIRE(blocks().size() == 8 + logging_processes.size());
        REQUIRE(BlockReader<TypesBlock>(instance)->filled == 1);
    }
}

TEST_CASE_METHOD(Fixture, "shm_start and shm_stop at once leave all blocks or none") {
    for (int round = 0; round < 10; ++round) {
        test::Process first = start_in_background();
        test::Process stopper({"shm_stop", "--instance", instance});
        test::Process second = start_in_background();
        for (auto* process : {&first, &stopper, &second}) {
            const auto status = process->wait();
            CAPTURE(round, process->output());
            REQUIRE(status == 0);
        }
        const auto left = blocks();
        CAPTURE(left);
        REQUIRE((left.empty() || left.size() == 8 + logging_processes.size()));
    }
}

TEST_CASE_METHOD(Fixture, "a process notices that one of its blocks was removed or made anew") {
    REQUIRE(start().status == 0);
    BlockWatch watch(instance);
    Nanoseconds time = second;
    const auto later = [&] { return time += BlockWatch::look_period; };
    CHECK(watch.check(time) == std::nullopt);
    start();
    CHECK(watch.check(later()) == std::nullopt);
    const std::string name = block_name(instance, StudentBlock::name);
    unlink_block(name);
    CHECK(watch.check(time) == std::nullopt);  // it looks only now and then
    SECTION("removed") {
        const auto fault = watch.check(later());
        REQUIRE(fault);
        CHECK_THAT(*fault, Contains(name + " was removed"));
    }
    SECTION("made anew") {
        start();
        const auto fault = watch.check(later());
        REQUIRE(fault);
        CHECK_THAT(*fault, Contains(name + " was made anew"));
    }
}

TEST_CASE_METHOD(Fixture, "shm_start over the leftovers of a crash repairs them and says so") {
    REQUIRE(start().status == 0);
    SECTION("a writer that was killed") {
        leave_a_dead_writer();
        const auto repaired = start();
        CHECK(repaired.status == 0);
        CHECK_THAT(repaired.output, Contains("repaired /runtime-" + instance + "-robot-shm"));
    }
    SECTION("a block that was cut off") {
        const std::string name = block_name(instance, DevicesBlock::name);
        REQUIRE(truncate(("/dev/shm" + name).c_str(), 100) == 0);
        const auto repaired = start();
        CHECK(repaired.status == 0);
        CHECK_THAT(repaired.output, Contains("replaced " + name));
        CHECK_NOTHROW(BlockWriter<DevicesBlock>(instance));
    }
    SECTION("a types block that was cut off is filled again") {
        const std::string name = block_name(instance, TypesBlock::name);
        REQUIRE(truncate(("/dev/shm" + name).c_str(), 0) == 0);
        CHECK(start().status == 0);
        CHECK(BlockReader<TypesBlock>(instance)->types.find(6) != nullptr);
    }
    SECTION("after that there is nothing left to say") {
        leave_a_dead_writer();
        start();
        CHECK(start().output.empty());
    }
}

TEST_CASE_METHOD(Fixture, "shm_stop leaves nothing also when a writer was killed or still lives") {
    REQUIRE(start().status == 0);
    SECTION("killed") {
        leave_a_dead_writer();
        CHECK(stop().output.empty());
    }
    SECTION("alive: it says whose block it removed") {
        const BlockWriter<RobotBlock> writer(instance);
        const auto stopped = stop();
        CHECK(stopped.status == 0);
        CHECK_THAT(stopped.output, Contains("robot-shm") && Contains(std::to_string(getpid())));
    }
    CHECK(blocks().empty());
}

TEST_CASE_METHOD(Fixture, "changed device types are published for those who attach from then on") {
    REQUIRE(start().status == 0);
    const BlockReader<TypesBlock> before(instance);
    BlockWatch watch(instance);
    const OtherTypes other(instance);
    const auto changed = start(other.file);
    CHECK(changed.status == 0);
    CHECK_THAT(changed.output, Contains("device types have changed: daemons that run end now"));
    CHECK(watch.check(second) != std::nullopt);
    const BlockReader<TypesBlock> after(instance);
    CHECK(after->types.count == 1);
    CHECK(after->types.find(9)->name() == "Arm");
    CHECK(before->types.find(6) != nullptr);
}

TEST_CASE_METHOD(Fixture, "shm_start --only-missing keeps whole blocks whatever the device types file says") {
    REQUIRE(start().status == 0);
    BlockWatch watch(instance);
    const OtherTypes other(instance);
    const std::string types = GENERATE_COPY(std::string("/no/such/file"), other.file);
    CAPTURE(types);
    SECTION("all are whole") {
        const auto kept = complete(types);
        CHECK(kept.status == 0);
        CHECK(kept.output.empty());
        CHECK(watch.check(second) == std::nullopt);
    }
    SECTION("a writer has died") {
        leave_a_dead_writer();
        const auto repaired = complete(types);
        CHECK(repaired.status == 0);
        CHECK_THAT(repaired.output, Contains("repaired /runtime-" + instance + "-robot-shm"));
        CHECK(watch.check(second) == std::nullopt);
    }
    SECTION("another block is missing") {
        unlink_block(block_name(instance, RobotBlock::name));
        CHECK(complete(types).status == 0);
        CHECK_NOTHROW(BlockReader<RobotBlock>(instance));
    }
    CHECK(BlockReader<TypesBlock>(instance)->types.find(6) != nullptr);
}

TEST_CASE_METHOD(Fixture,
                 "shm_start --only-missing reads the device types file where no types are published") {
    SECTION("no block at all: a bad file is an error, and touches no block") {
        const auto failed = complete("/no/such/file");
        CHECK(failed.status == 1);
        CHECK_THAT(failed.output, Contains("/no/such/file: cannot be read"));
        CHECK(blocks().empty());
    }
    SECTION("no block at all") {}
    SECTION("types that were never filled in") {
        REQUIRE(start().status == 0);
        const std::string name = block_name(instance, TypesBlock::name);
        unlink_block(name);
        create(name, TypesBlock::layout_version, sizeof(TypesBlock));
    }
    CHECK(complete().status == 0);
    CHECK(blocks().size() == 8 + logging_processes.size());
    CHECK(BlockReader<TypesBlock>(instance)->types.find(6) != nullptr);
}

TEST_CASE_METHOD(Fixture, "bad device types are one line and exit status 1, and touch no block") {
    const auto missing = start("/no/such/file");
    CHECK(missing.status == 1);
    CHECK_THAT(missing.output, Catch::StartsWith("shm_start: /no/such/file: cannot be read"));
    CHECK(std::count(missing.output.begin(), missing.output.end(), '\n') == 1);
    CHECK(blocks().empty());
}

TEST_CASE_METHOD(Fixture, "an unwritable place is an error with the block's name") {
    const std::string name = "/dev/shm" + block_name(instance, RobotBlock::name);
    fs::create_directory(name);
    const auto failed = start();
    fs::remove(name);
    CHECK(failed.status == 1);
    CHECK_THAT(failed.output, Contains("robot-shm"));
}
