#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <new>

#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_ring.hpp"
#include "tests/support/measure.hpp"
#include "tests/support/temporary_block.hpp"

using namespace runtime;
using namespace runtime::bench;

namespace {

/// The reference: the same values behind a process-shared semaphore, as the usual implementation has them.
template <class T>
class Guarded {
  public:
    Guarded() { sem_init(&semaphore_, 1, 1); }
    void publish(const T& value) {
        sem_wait(&semaphore_);
        value_ = value;
        sem_post(&semaphore_);
    }
    T read() {
        sem_wait(&semaphore_);
        const T value = value_;
        sem_post(&semaphore_);
        return value;
    }

  private:
    sem_t semaphore_;
    T value_{};
};

struct BenchBlock {
    static constexpr std::string_view name = "bench";
    static constexpr std::uint32_t layout_version = 1;
    BlockHeader header;
    Cell<DeviceData> parameters;
    Cell<Inputs> inputs;
    Cell<RobotState> robot_state;
    Cell<Inputs> answer;
    alignas(64) Guarded<DeviceData> guarded;
};

/// A child process that runs `function` over and over until it is killed.
template <class Function>
class Busy {
  public:
    explicit Busy(Function function) : pid_(fork()) {
        if (pid_ == 0)
            for (int i = 0;; ++i)
                function(i);
    }
    ~Busy() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

  private:
    pid_t pid_;
};

/// A write or a read of 32 parameters, with no other process.
constexpr double promised_alone_ns = 20;
/// A writer waits for no reader: of a hundred writes one may be that slow, and only for the machine's other
/// work.
constexpr double promised_against_reader_ns = 10'000;

/// Nanoseconds a call.
struct CostsAlone {
    double write;
    double read;
};

template <class T>
CostsAlone bench_cell(const std::string& name, Cell<T>& cell) {
    T value{};
    const auto write = [&](int i) {
        std::memcpy(&value, &i, sizeof i);
        cell.publish(value);
    };
    const auto read = [&](int) {
        T copy;
        keep(cell.read(copy));
        keep(copy);
    };
    const CostsAlone alone{nanoseconds_a_call(write), nanoseconds_a_call(read)};
    print("shm/" + name + "/write/alone", alone.write, "ns");
    print("shm/" + name + "/read/alone", alone.read, "ns");
    {
        const Busy reader(read);
        print("shm/" + name + "/write/against a reader", nanoseconds_a_call(write), "ns");
    }
    {
        const Busy writer(write);
        print("shm/" + name + "/read/against a writer", nanoseconds_a_call(read), "ns");
    }
    print("shm/" + name + "/publish and wake/nobody waits",
          nanoseconds_a_call([&](int) { cell.publish_and_wake(value); }, 10'000), "ns");
    return alone;
}

void bench_semaphore(Guarded<DeviceData>& guarded) {
    DeviceData value{};
    const auto write = [&](int i) {
        value.time = i;
        guarded.publish(value);
    };
    const auto read = [&](int) { keep(guarded.read()); };
    print("shm/32 parameters/write/alone, semaphore", nanoseconds_a_call(write), "ns");
    print("shm/32 parameters/read/alone, semaphore", nanoseconds_a_call(read), "ns");
    // Last: the reader is killed while it may hold the semaphore, and then every writer hangs.
    const Busy reader(read);
    print("shm/32 parameters/write/against a reader, semaphore", nanoseconds_a_call(write, 20'000, 11), "ns");
}

/// The longest single publication among many while a reader runs: what a stalled writer would show.
void bench_stall(Cell<DeviceData>& cell) {
    const Busy reader([&](int) { keep(cell.read()); });
    std::vector<double> samples;
    DeviceData value{};
    for (int i = 0; i < 300'000; ++i) {
        const Nanoseconds start = now();
        cell.publish(value);
        samples.push_back(static_cast<double>(now() - start));
    }
    print_percentiles("shm/32 parameters/one write against a reader", samples, "ns");
    print_promise("shm/32 parameters/one write against a reader/p99", percentile(samples, 0.99),
                  promised_against_reader_ns, "ns");
}

/// From publication to the return of a waiter in another process.
void bench_wake(BenchBlock& block, const std::string& instance) {
    const pid_t pid = fork();
    if (pid == 0) {
        const BlockReader<BenchBlock> reader(instance);
        std::uint32_t seen = 0;
        while (true) {
            while (!futex::wait(reader->inputs.sequence_word(), seen)) {
            }
            const Nanoseconds woken = now();
            Inputs value{};
            reader->inputs.read(value, &seen);
            value.gamepad_buttons = static_cast<std::uint64_t>(woken);
            block.answer.publish_and_wake(value);
        }
    }
    std::vector<double> samples;
    Inputs value{};
    for (int i = 0; i < 20'000; ++i) {
        const std::uint32_t before = block.answer.sequence();
        value.time = now();
        block.inputs.publish_and_wake(value);
        while (!futex::wait(block.answer.sequence_word(), before)) {
        }
        const Inputs answer = block.answer.read();
        samples.push_back(static_cast<double>(static_cast<Nanoseconds>(answer.gamepad_buttons) - value.time));
    }
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    print_percentiles("shm/publication to waiter in another process", samples, "ns");
}

void bench_log(const std::string& instance) {
    LogWriter writer(instance, "dev_handler");
    print("shm/log line of 40 bytes",
          nanoseconds_a_call(
              [&](int) {
                  writer.append(LogLevel::info, LogSource::daemon,
                                "KoalaBear 6_12345 connected on ttyACM0 ok");
              },
              10'000),
          "ns");
}

}  // namespace

int main() {
    const test::TemporaryBlock<BenchBlock> block;
    const test::TemporaryBlock<LogBlock> log(log_block_name("dev_handler"));
    BlockWriter<BenchBlock> writer(block.instance());
    new (&writer->guarded) Guarded<DeviceData>;
    bench_wake(*writer, block.instance());
    const CostsAlone alone = bench_cell("32 parameters", writer->parameters);
    print_promise("shm/32 parameters/write/alone", alone.write, promised_alone_ns, "ns");
    print_promise("shm/32 parameters/read/alone", alone.read, promised_alone_ns, "ns");
    bench_cell("inputs", writer->inputs);
    bench_cell("robot state", writer->robot_state);
    bench_stall(writer->parameters);
    bench_log(log.instance());
    bench_semaphore(writer->guarded);
    return 0;
}
