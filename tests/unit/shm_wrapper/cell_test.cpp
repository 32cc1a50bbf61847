#include "shm_wrapper/cell.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <random>
#include <thread>
#include <vector>

#include "shm_wrapper/layout.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_block.hpp"

using namespace runtime;

namespace {

/// A value whose words all say the same: a mixed one shows at once.
struct Uniform {
    std::array<std::uint64_t, 24> words;

    static Uniform of(std::uint64_t number) {
        Uniform value{};
        value.words.fill(number);
        return value;
    }
    bool whole() const {
        for (const auto word : words)
            if (word != words[0])
                return false;
        return true;
    }
};

struct UniformBlock {
    static constexpr std::string_view name = "uniform";
    static constexpr std::uint32_t layout_version = 1;
    BlockHeader header;
    Cell<Uniform> cell;
    std::atomic<std::uint64_t> stop;
};

using Block = test::TemporaryBlock<UniformBlock>;

/// What a reader beside a writer at work has seen.
enum class Seen { whole_values, mixed_or_older_value, too_few_values };

/// Reads many times, and until the value has changed so often that the writer must have written during
/// reads.
Seen read_beside_writer(const Cell<Uniform>& cell) {
    const Nanoseconds deadline = now() + std::chrono::nanoseconds(test::patience).count();
    std::uint64_t newest = 0;
    int changes = 0;
    for (int reads = 0; reads < 50'000 || changes < 100; ++reads) {
        if (reads % 1024 == 0 && now() > deadline)
            return Seen::too_few_values;
        Uniform value{};
        if (!cell.read(value))
            continue;
        if (!value.whole() || value.words[0] < newest)
            return Seen::mixed_or_older_value;
        changes += value.words[0] > newest ? 1 : 0;
        newest = value.words[0];
    }
    return Seen::whole_values;
}

/// A cell whose sequence moves during every copy, as a hostile writer would have it. The sequence and most
/// words of the slots stand on two pages of which only one can be touched at a time; the handler of the fault
/// that comes of it lets the reader through, and moves the sequence when it goes on to the words.
class OutrunningCell {
  public:
    OutrunningCell() {
        present_ = this;
        struct sigaction action {};
        action.sa_sigaction = [](int, siginfo_t* fault, void*) { present_->let_through(fault->si_addr); };
        action.sa_flags = SA_SIGINFO;
        sigaction(SIGSEGV, &action, &before_);
        protect(0, 1);
    }
    ~OutrunningCell() {
        sigaction(SIGSEGV, &before_, nullptr);
        munmap(pages_, 2 * page_size_);
    }
    OutrunningCell(const OutrunningCell&) = delete;
    OutrunningCell& operator=(const OutrunningCell&) = delete;
    bool read(Uniform& value) const noexcept { return cell_->read(value); }

  private:
    /// A fault is slow.
    using FewAttempts = Cell<Uniform, 1000>;

    void let_through(const void* address) noexcept {
        const auto page =
            (static_cast<const char*>(address) - pages_) / static_cast<std::ptrdiff_t>(page_size_);
        if (page != 0 && page != 1) {
            sigaction(SIGSEGV, &before_, nullptr);
        } else if (--faults_left_ == 0) {
            mprotect(pages_, 2 * page_size_, PROT_READ | PROT_WRITE);
        } else {
            if (page == 1)
                const_cast<std::atomic<std::uint32_t>&>(cell_->sequence_word()).fetch_add(1);
            protect(page, 1 - page);
        }
    }
    void protect(std::ptrdiff_t open, std::ptrdiff_t closed) noexcept {
        const auto size = static_cast<std::ptrdiff_t>(page_size_);
        mprotect(pages_ + closed * size, page_size_, PROT_NONE);
        mprotect(pages_ + open * size, page_size_, PROT_READ | PROT_WRITE);
    }

    static inline OutrunningCell* present_ = nullptr;
    std::size_t page_size_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    char* pages_ = static_cast<char*>(
        mmap(nullptr, 2 * page_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    const FewAttempts* cell_ = new (pages_ + page_size_ - alignof(FewAttempts)) FewAttempts{};
    struct sigaction before_ {};
    /// Two an attempt. Beyond what the cell promises a reader is not outrun any more, so that one without a
    /// limit ends too.
    int faults_left_ = 3 * FewAttempts::max_attempts;
};

}  // namespace

TEST_CASE("a new cell holds zero bytes") {
    const Block block;
    const BlockReader<UniformBlock> reader(block.instance());
    CHECK(reader->cell.read().words == Uniform::of(0).words);
    CHECK(reader->cell.sequence() == 0);
}

TEST_CASE("a cell gives the last published value and its number") {
    Cell<Uniform> cell{};
    for (std::uint64_t i = 1; i <= 5; ++i) {
        cell.publish(Uniform::of(i));
        Uniform value{};
        std::uint32_t sequence = 0;
        REQUIRE(cell.read(value, &sequence));
        CHECK(value.words == Uniform::of(i).words);
        CHECK(sequence == i);
    }
}

TEST_CASE("many reader threads against one writer at full speed never see a mixed value") {
    static Cell<Uniform> cell{};
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        for (std::uint64_t i = 1; !stop.load(std::memory_order_relaxed); ++i)
            cell.publish(Uniform::of(i));
    });
    std::vector<std::thread> readers;
    std::vector<Seen> seen(4);
    readers.reserve(seen.size());
    for (auto& result : seen)
        readers.emplace_back([&result] { result = read_beside_writer(cell); });
    for (auto& reader : readers)
        reader.join();
    stop = true;
    writer.join();
    CHECK(seen == std::vector<Seen>(seen.size(), Seen::whole_values));
}

TEST_CASE("readers in other processes never see a mixed value") {
    const Block block;
    BlockWriter<UniformBlock> writer(block.instance());
    std::vector<pid_t> readers;
    for (int i = 0; i < 3; ++i) {
        const pid_t pid = fork();
        if (pid == 0) {
            const BlockReader<UniformBlock> reader(block.instance());
            _exit(static_cast<int>(read_beside_writer(reader->cell)));
        }
        readers.push_back(pid);
    }
    std::size_t ended = 0;
    std::vector<int> statuses;
    for (std::uint64_t i = 1; ended < readers.size(); ++i) {
        writer->cell.publish(Uniform::of(i));
        int status = 0;
        if (i % 1024 == 0 && waitpid(-1, &status, WNOHANG) > 0) {
            ++ended;
            statuses.push_back(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        }
    }
    CHECK(statuses == std::vector<int>(readers.size(), static_cast<int>(Seen::whole_values)));
}

TEST_CASE("a reader that the writer always outruns gives up instead of hanging") {
    const OutrunningCell cell;
    Uniform value = Uniform::of(7);
    CHECK_FALSE(cell.read(value));
    CHECK(value.words == Uniform::of(7).words);
}

TEST_CASE("a writer killed at any point leaves a whole value, and the next writer carries on") {
    const Block block;
    const BlockReader<UniformBlock> reader(block.instance());
    std::minstd_rand random(20261124);
    std::uint64_t last = 0;
    std::uint64_t advanced = 0;
    for (int round = 0; round < 1000; ++round) {
        const std::uint32_t before = reader->cell.sequence();
        const pid_t pid = fork();
        if (pid == 0) {
            // No unwinding: the destructor of the parent's objects is not the child's business.
            BlockWriter<UniformBlock> writer(block.instance());
            for (std::uint64_t i = reader->cell.read().words[0] + 1;; ++i)
                writer->cell.publish(Uniform::of(i));
        }
        REQUIRE(pid > 0);
        // Killed while it writes, not before: wait for its first publication, then for a random moment.
        while (reader->cell.sequence() == before)
            std::this_thread::yield();
        for (auto spin = random() % 20'000; spin > 0; --spin)
            std::atomic_signal_fence(std::memory_order_seq_cst);
        kill(pid, SIGKILL);
        REQUIRE(waitpid(pid, nullptr, 0) == pid);

        Uniform value{};
        std::uint32_t sequence = 0;
        REQUIRE(reader->cell.try_read(value, &sequence));
        REQUIRE(value.whole());
        REQUIRE(value.words[0] == sequence);
        advanced += value.words[0] > last ? 1U : 0U;
        last = value.words[0];
    }
    CHECK(advanced == 1000);
}
