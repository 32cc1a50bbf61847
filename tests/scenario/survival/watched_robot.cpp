#include "tests/scenario/survival/watched_robot.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "shm_wrapper/futex.hpp"
#include "tests/support/process_table.hpp"
#include "tests/support/sanitizer.hpp"

namespace runtime::test {
namespace {

constexpr std::uint8_t text_type = 2;
constexpr std::uint8_t device_data_type = 3;
constexpr std::size_t all_blocks = 8 + logging_processes.size();
constexpr Nanoseconds inputs_period = 20 * millisecond;
/// From the wire to what the simulated device notes: its loop turns once a millisecond.
constexpr Nanoseconds device_turns = 5 * millisecond;
/// What goes on for longer is wrong, whatever waited.
constexpr Nanoseconds longest_motion = 3 * second;
constexpr std::size_t things_told = 25;

std::string student_file(const Robot& robot) {
    std::string path = robot.directory() + "/student_code.py";
    std::ofstream(path) << counting_code;
    return path;
}

}  // namespace

WatchedRobot::WatchedRobot(const std::string& scratch)
    : student_code_(student_file(robot_)),
      devices_(robot_, {"KoalaBear:77", "GeneralTestDevice:5"}, {"--data-hz", sanitized() ? "100" : "1000"}),
      services_(robot_, devices_.ports(), student_code_, scratch.empty() ? robot_.directory() : scratch) {
    for (const auto process : logging_processes)
        logs_.push_back({process, LogReader(robot_.instance(), process, LogReader::From::oldest)});
    connect();
    drive(::RunMode::TELEOP);
    // The first stop of a motor that turns is what all later ones are measured by. On a busy machine it may
    // have been stopped a moment before.
    for (int attempt = 0; attempt < 20 && fastest_stop_ == unknown_stop; ++attempt)
        drive(::RunMode::TELEOP);
    if (fastest_stop_ == unknown_stop)
        fail("no stop has been measured");
    check_at_rest();
}

void WatchedRobot::note(const std::string& what) {
    done_.push_back("  " + std::to_string((now() - start_) / millisecond) + " ms: " + what);
    if (done_.size() > things_told)
        done_.pop_front();
}

void WatchedRobot::fail(const std::string& what) {
    std::string text = what + "\nWhat was done last:\n";
    for (const auto& each : done_)
        text += each + "\n";
    text += "The last frames of the motor:\n" +
            run({"wire_log", "--instance", robot_.instance(), "--device", "6_77"}).output;
    FAIL(text << "  " << (now() - start_) / millisecond << " ms: this failure");
    throw std::logic_error("not reached");
}

void WatchedRobot::await(const std::string& what, const std::function<bool()>& holds) {
    const Nanoseconds deadline = now() + std::chrono::nanoseconds(patience).count();
    while (!holds()) {
        if (now() > deadline)
            fail("in vain awaited: " + what);
        turn();
    }
}

void WatchedRobot::go_on(Nanoseconds duration) {
    const Nanoseconds end = now() + duration;
    do
        turn();
    while (now() < end);
}

void WatchedRobot::turn() {
    if (dawn_ && listens_)
        send_inputs();
    const auto packet = dawn_ && listens_ ? dawn_->receive(2ms) : std::nullopt;
    static const std::atomic<std::uint32_t> never{0};
    if (packet)
        take(*packet);
    else
        futex::wait(never, 0, now() + millisecond);
    read_logs();
    if (const auto fault = observer_.fault(); !fault.empty())
        fail("in the blocks: " + fault);
}

void WatchedRobot::read_logs() {
    for (auto& [process, reader] : logs_)
        while (const auto line = reader.next()) {
            if (line->lost_before != 0)
                fail("lines of " + std::string(process) + " are missing before: " + line->text);
            if (line->source == LogSource::student)
                if (const auto fault = in_ring_.take(line->text))
                    fail("in the log ring: " + *fault);
        }
}

void WatchedRobot::take(const ReceivedPacket& packet) {
    if (packet.type == device_data_type)
        take_device_data(packet.as<DevData>());
    if (packet.type != text_type)
        return;
    const Text text = packet.as<Text>();
    for (const std::string& line : text.payload())
        if (const auto fault = at_driver_station_.take(line))
            fail("at the driver station: " + *fault);
}

void WatchedRobot::take_device_data(const DevData& data) {
    for (int key = 0; key < counting_keys; ++key)
        if (const Param* value = find_parameter(data, "CustomData", "key" + std::to_string(key)))
            if (value->ival() % counting_keys != key)
                fail("the driver station was shown " + std::to_string(value->ival()) + " as " +
                     value->name());
    const Param* odd = find_parameter(data, "63_5", "INCREASING_ODD");
    const Param* negative = find_parameter(data, "63_5", "DECREASING_ODD");
    if (odd != nullptr && negative != nullptr && odd->ival() != -negative->ival())
        fail("the driver station was shown values that do not belong together");
}

void WatchedRobot::send_inputs() {
    if (now() < inputs_sent_ + inputs_period)
        return;
    inputs_sent_ = now();
    buttons_ = (buttons_ + 1) % 64;
    const float axis = axis_of(buttons_);
    try {
        dawn_->keep_sending(gamepad(buttons_, {axis, axis, axis, axis}));
    } catch (const std::exception&) {
        forget_driver_station();
    }
}

void WatchedRobot::connect() {
    listens_ = true;
    if (dawn_)
        return;
    dawn_.emplace(services_.port());
    // What was on its way to the connection before is lost with it; another net_handler tells it again.
    at_driver_station_.allow_gap();
    if (told_by_ != services_.starts(Daemon::net_handler)) {
        told_by_ = services_.starts(Daemon::net_handler);
        at_driver_station_.begin_anew();
    }
    send_inputs();
}

void WatchedRobot::forget_driver_station() {
    if (!dawn_)
        return;
    dawn_->reset();
    dawn_.reset();
}

void WatchedRobot::listen(bool listens) {
    listens_ = listens;
    if (!listens && dawn_)
        dawn_->stop_sending();
}

void WatchedRobot::drive(::RunMode::Mode mode) {
    connect();
    const auto since_stop = waits();
    dawn_->set_mode(::RunMode::IDLE);
    const Nanoseconds stopped = now();
    await("the motor stands still in IDLE", [this] { return !moves(); });
    const Nanoseconds until = now();
    if (!motion_.empty() && motion_.back().to > stopped)
        fastest_stop_ = std::min(fastest_stop_, motion_.back().to - stopped);
    note(mode == ::RunMode::AUTO ? "AUTO" : "TELEOP");
    dawn_->set_mode(mode);
    check({stopped, 100 * millisecond}, until, since_stop);
    await_motion();
}

void WatchedRobot::await_motion() {
    await("the motor turns", [this] { return moves(); });
}

bool WatchedRobot::await_standstill() {
    await("the motor stands still, or nothing watches it", [this] { return !moves() || moves_unwatched(); });
    return !moves();
}

bool WatchedRobot::moves_unwatched() {
    return moves() && !enabled();
}

bool WatchedRobot::enabled() {
    return devices_.ask("device 0")["enabled"].get<bool>();
}

bool WatchedRobot::moves() {
    take_motion();
    return !motion_.empty() && motion_.back().to == 0;
}

void WatchedRobot::take_motion() {
    const auto answer = devices_.ask("motion 0");
    for (const auto& change : answer["changes"]) {
        if (change["moving"])
            motion_.push_back({change["time"], 0});
        else if (!motion_.empty())
            motion_.back().to = change["time"];
    }
}

void WatchedRobot::check(const Ban& ban, Nanoseconds until, const ProcessorWaits& waits) {
    take_motion();
    // Sanitizers slow the device as well, so that what the kernel holds for it takes longer to be read: no
    // stop can pass that.
    if (sanitized())
        return;
    ++checks_;
    const bool lasts = limit_of(ban, waits) < until;
    if (lasts)
        ++judged_;
    // A wait for a processor is counted when it is over: what still moves is judged by its end.
    for (const Nanoseconds end = now() + longest_motion;
         lasts && now() < end && moves() && motion_.back().from < until;)
        go_on(20 * millisecond);
    const Nanoseconds from = limit_of(ban, waits);
    const Nanoseconds allowed = from - ban.since - ban.limit;
    for (const auto& moved : motion_)
        if (lasts && moved.from < until && (moved.to == 0 || moved.to > from))
            fail("the motor moved without permission: permission ended " +
                 std::to_string(std::max(ban.since, moved.from) - start_) + " ns after the start, motion " +
                 (moved.to == 0 ? "did not" : std::to_string(moved.to - start_) + " ns after it") +
                 "; allowed were " + std::to_string(ban.limit) + " ns, and " + std::to_string(allowed) +
                 " ns for the machine");
    motion_.erase(motion_.begin(), motion_.empty() ? motion_.end() : motion_.end() - 1);
}

ProcessorWaits WatchedRobot::waits() {
    std::vector<pid_t> all{getpid(), devices_.process().pid()};
    for (const Daemon daemon : all_daemons)
        all.push_back(services_[daemon].pid());
    return {stalls_, "", all};
}

ProcessorWaits WatchedRobot::all_waits() {
    return {stalls_, robot_.instance(), {getpid(), devices_.process().pid()}};
}

Nanoseconds WatchedRobot::limit_of(const Ban& ban, const ProcessorWaits& waits) const {
    return ban.since + ban.limit + std::max(device_turns, 3 * fastest_stop_) + waits.total();
}

void WatchedRobot::go_on_past(const Ban& ban, const ProcessorWaits& waits) {
    for (const Nanoseconds end = now() + 3 * second; now() < end && now() < limit_of(ban, waits);)
        go_on(20 * millisecond);
}

Nanoseconds WatchedRobot::fed() {
    const auto received = devices_.ask("frames 0")["received"];
    return std::max(received["last_ping"].get<Nanoseconds>(), received["last_write"].get<Nanoseconds>());
}

void WatchedRobot::check_alive() {
    for (const Daemon daemon : all_daemons) {
        if (!services_[daemon].running())
            fail(std::string(name_of(daemon)) + " has ended by itself");
        services_[daemon].output();
    }
}

void WatchedRobot::check_at_rest(double growth) {
    connect();
    dawn_->set_mode(::RunMode::IDLE);
    const std::vector<std::string> expected{"dev_handler", "executor", "net_handler", "student_process",
                                            "student_process"};
    await("only the processes that belong there", [&] {
        // One that still ends would stand for a spare that is not there yet, and so would its descriptors.
        if (student_->state.read().pid != 0)
            return false;
        std::vector<std::string> programs;
        for (const auto& process : processes_of(robot_.instance()))
            programs.push_back(process.program());
        std::sort(programs.begin(), programs.end());
        return programs == expected;
    });
    for (const Daemon daemon : all_daemons)
        await(std::string(name_of(daemon)) + " has taken note of each child that has ended",
              [&] { return zombies_of(services_[daemon].pid()) == 0; });
    if (count_blocks(robot_.instance()) != all_blocks)
        fail("there are " + std::to_string(count_blocks(robot_.instance())) + " blocks");
    for (const Daemon daemon : all_daemons) {
        const pid_t process = services_[daemon].pid();
        const std::size_t before = descriptors_.try_emplace(daemon, open_descriptors(process)).first->second;
        await(std::string(name_of(daemon)) + " has no more descriptors than before (" +
                  std::to_string(before) + ")",
              [&] { return open_descriptors(process) <= before; });
        const double memory = mebibytes_of(process, "RssAnon");
        const double at_first = memory_.try_emplace(process, memory).first->second;
        if (!sanitized() && memory > at_first + growth)
            fail(std::string(name_of(daemon)) + " has grown from " + std::to_string(at_first) + " to " +
                 std::to_string(memory) + " MiB");
    }
}

std::string WatchedRobot::summary() const {
    std::string starts;
    for (const Daemon daemon : all_daemons)
        starts += ", " + std::string(name_of(daemon)) + " started " +
                  std::to_string(services_.starts(daemon)) + " times";
    return std::to_string(checks_) + " checks for motion (" + std::to_string(judged_) +
           " lasted long enough to judge), " + std::to_string(in_ring_.count()) + " lines in the ring, " +
           std::to_string(at_driver_station_.count()) + " at the driver station, " +
           std::to_string(observer_.looks()) + " looks at the blocks" + starts;
}

}  // namespace runtime::test
