#include <sys/wait.h>
#include <unistd.h>

#include <poll.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "shm_wrapper/cell.hpp"
#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/watcher.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_block.hpp"

using namespace runtime;

namespace {

constexpr std::uint64_t publications = 100'000;

struct Number {
    std::uint64_t value;
};

struct PingBlock {
    static constexpr std::string_view name = "ping";
    static constexpr std::uint32_t layout_version = 1;
    BlockHeader header;
    Cell<Number> cell;
    Signal signal;
};
struct PongBlock : PingBlock {
    static constexpr std::string_view name = "pong";
};

Nanoseconds deadline() {
    return now() + std::chrono::nanoseconds(test::patience).count() * 3;
}

/// Waits until the cell has `value`; false if that never comes, which is a missed wake.
bool wait_for(const Cell<Number>& cell, std::uint64_t value, Nanoseconds limit) {
    while (true) {
        const std::uint32_t seen = cell.sequence();
        if (cell.read().value >= value)
            return true;
        if (!futex::wait(cell.sequence_word(), seen, limit) && now() >= limit)
            return false;
    }
}

/// The directory in /proc of this process's thread of that name.
std::string only_thread_named(const std::string& name) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string its_name;
        std::getline(std::ifstream(entry.path() / "comm"), its_name);
        if (its_name == name)
            found.push_back(entry.path());
    }
    REQUIRE(found.size() == 1);
    return found.front();
}

/// How often the thread has gone to sleep by itself.
Nanoseconds times_asleep(const std::string& thread) {
    std::ifstream status(thread + "/status");
    for (std::string word; status >> word;)
        if (Nanoseconds count = 0; word == "voluntary_ctxt_switches:" && status >> count)
            return count;
    throw std::runtime_error("no count of context switches");
}

}  // namespace

TEST_CASE("a wait for a word that has moved already returns at once") {
    const std::atomic<std::uint32_t> word{5};
    CHECK(futex::wait(word, 4));
}

TEST_CASE("a wait ends at its deadline and says that nothing moved") {
    const std::atomic<std::uint32_t> word{5};
    const Nanoseconds limit = now() + 5 * millisecond;
    CHECK_FALSE(futex::wait(word, 5, limit));
    CHECK(now() >= limit);
}

TEST_CASE("of several words, any one ends the wait") {
    std::array<std::atomic<std::uint32_t>, 3> words{};
    std::thread other([&] {
        words[2].store(1);
        futex::wake(words[2]);
    });
    const std::array<futex::Wait, 3> waits{{{&words[0], 0}, {&words[1], 0}, {&words[2], 0}}};
    while (!futex::wait_any(waits, deadline()))
        REQUIRE(words[2] == 0);
    other.join();
}

TEST_CASE("a waiter in another process never misses a wake: each publication is answered") {
    const test::TemporaryBlock<PingBlock> ping;
    const test::TemporaryBlock<PongBlock> pong;
    const pid_t pid = fork();
    if (pid == 0) {
        const BlockReader<PingBlock> in(ping.instance());  // read-only: the wait must work on that
        BlockWriter<PongBlock> out(ping.instance());
        const Nanoseconds limit = deadline();
        for (std::uint64_t i = 1; i <= publications; ++i) {
            if (!wait_for(in->cell, i, limit))
                _exit(1);
            out->cell.publish_and_wake({i});
        }
        _exit(0);
    }
    BlockWriter<PingBlock> out(ping.instance());
    const BlockReader<PongBlock> in(ping.instance());
    const Nanoseconds limit = deadline();
    std::uint64_t answered = 0;
    while (answered < publications) {
        out->cell.publish_and_wake({answered + 1});
        if (!wait_for(in->cell, answered + 1, limit))
            break;
        ++answered;
    }
    int status = 0;
    waitpid(pid, &status, 0);
    CHECK(answered == publications);
    CHECK(status == 0);
}

TEST_CASE("every publication at full speed is seen or superseded, and the last one is seen") {
    static Cell<Number> cell{};
    std::thread writer([&] {
        for (std::uint64_t i = 1; i <= publications; ++i)
            cell.publish_and_wake({i});
    });
    const Nanoseconds limit = deadline();
    std::uint64_t last = 0;
    bool ordered = true;
    while (last < publications && now() < limit) {
        const std::uint32_t seen = cell.sequence();
        Number number{};
        std::uint32_t sequence = 0;
        if (cell.read(number, &sequence)) {
            ordered = ordered && number.value >= last && number.value == sequence;
            last = number.value;
        }
        if (last < publications)
            futex::wait(cell.sequence_word(), seen, limit);
    }
    writer.join();
    CHECK(ordered);
    CHECK(last == publications);
}

TEST_CASE("a signal that wakes only a marked waiter misses none") {
    static Signal signal{};
    static Signal answer{};
    static std::atomic<std::uint32_t> waiting{0};
    static std::atomic<std::uint32_t> always{1};
    const Nanoseconds limit = deadline();
    const auto wait_for_count = [&](const Signal& of, std::uint32_t count, std::atomic<std::uint32_t>* mark) {
        while (of.count() < count && now() < limit) {
            const std::uint32_t seen = of.count();
            if (seen >= count)
                break;
            if (mark != nullptr) {
                const WaitingMark marked(*mark);
                futex::wait(of.word(), seen, limit);
            } else {
                futex::wait(of.word(), seen, limit);
            }
        }
        return of.count() >= count;
    };
    std::uint32_t received = 0;
    std::thread waiter([&] {
        while (received < publications && wait_for_count(signal, received + 1, &waiting)) {
            ++received;
            answer.notify(always);
        }
    });
    std::uint32_t sent = 0;
    while (sent < publications) {
        signal.notify(waiting);
        if (!wait_for_count(answer, sent + 1, nullptr))
            break;
        ++sent;
    }
    waiter.join();
    CHECK(sent == publications);
    CHECK(received == publications);
}

TEST_CASE("a watcher makes its descriptor readable after a change of any word") {
    std::array<std::atomic<std::uint32_t>, 2> words{};
    const Watcher watcher({&words[0], &words[1]});
    pollfd readable{watcher.descriptor(), POLLIN, 0};
    const auto event = [&] { return poll(&readable, 1, 20'000) == 1; };
    REQUIRE(event());  // the first look
    watcher.acknowledge();
    for (std::uint32_t i = 1; i < 1000; ++i) {
        auto& word = words[i % 2];
        word.fetch_add(1);
        futex::wake(word);
        REQUIRE(event());
        watcher.acknowledge();
    }
}

TEST_CASE("wakes without a change make no events, and keep the thread no busier than events do") {
    std::atomic<std::uint32_t> word{0};
    const Nanoseconds start = now();
    const Watcher watcher({&word});
    const auto thread = only_thread_named("watcher");
    pollfd readable{watcher.descriptor(), POLLIN, 0};
    REQUIRE(poll(&readable, 1, 20'000) == 1);  // the first look
    watcher.acknowledge();
    const auto before = times_asleep(thread);
    while (now() < start + second)
        futex::wake(word);
    const auto asleep = times_asleep(thread) - before;
    const Nanoseconds passed = now() - start;
    CHECK(poll(&readable, 1, 0) == 0);
    // For each wake that it takes it sleeps twice at most: until the next may come, and for it.
    CHECK(asleep <= 2 * (passed / Watcher::event_interval + Watcher::event_burst + 1));
}

TEST_CASE("a word that is raised without end makes no more events than the pace allows") {
    std::atomic<std::uint32_t> word{0};
    std::atomic<bool> ended{false};
    const Nanoseconds start = now();
    const Watcher watcher({&word});
    std::thread hostile([&] {
        while (!ended) {
            word.fetch_add(1);
            futex::wake(word);
        }
    });
    pollfd readable{watcher.descriptor(), POLLIN, 0};
    bool all = true;
    constexpr Nanoseconds count = 500;
    for (Nanoseconds i = 0; i < count && all; ++i) {
        all = poll(&readable, 1, 20'000) == 1;
        watcher.acknowledge();
    }
    const Nanoseconds passed = now() - start;
    ended = true;
    hostile.join();
    CHECK(all);
    // One more: the first look.
    CHECK(count <= passed / Watcher::event_interval + Watcher::event_burst + 1);
}
