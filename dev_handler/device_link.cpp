#include "dev_handler/device_link.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

namespace runtime::dev_handler {
namespace {

constexpr Nanoseconds first_open_delay = 50 * millisecond;
constexpr Nanoseconds last_open_delay = 10 * second;
constexpr Nanoseconds first_probe_delay = 1 * second;
constexpr Nanoseconds last_probe_delay = 60 * second;
/// A device that is lost so soon after it was identified is given a pause, or it would come and go as fast as
/// the line allows.
constexpr Nanoseconds short_life = 1 * second;
/// A device that hears neither PING nor DEVICE_WRITE for so long disables itself (the serial protocol).
constexpr Nanoseconds device_watchdog = 1 * second;
/// How long a device may not show that it has stopped before a person is told.
constexpr Nanoseconds stop_patience = 1 * second;

}  // namespace

DeviceLink::DeviceLink(LinkHost& host, std::string path, PortIdentity identity)
    : host_(host),
      path_(std::move(path)),
      identity_(identity),
      stream_(host.context()),
      connection_(host.types()),
      log_(path_, host.types()),
      open_backoff_(first_open_delay, last_open_delay),
      probe_backoff_(first_probe_delay, last_probe_delay) {}

DeviceLink::~DeviceLink() {
    if (stream_.is_open())
        stream_.release();
}

void DeviceLink::try_now() {
    changed_while_opening_ = opening_;
    if (port_.is_open() || opening_)
        return;
    open_backoff_.reset();
    open();
}

void DeviceLink::replace(PortIdentity identity, Nanoseconds time) {
    identity_ = identity;
    probe_backoff_.reset();
    log_.new_device();
    if (!opening_)
        vanish(time);
    try_now();
}

void DeviceLink::vanish(Nanoseconds time) {
    say_good_bye(time);  // a name can go away while its device is there
    if (slot_)
        log_.vanished();
    close(time);
}

void DeviceLink::slot_freed(Nanoseconds time) {
    if (std::exchange(waiting_for_slot_, false))
        converse(time);
}

void DeviceLink::converse(Nanoseconds time, Nanoseconds delay) {
    connection_.open(time, delay);
    advance(time);
}

void DeviceLink::open() {
    opening_ = true;
    changed_while_opening_ = false;
    retry_ = never;
    host_.opener().open(path_, [link = weak_from_this(), session = ++session_](Port port, int error) {
        if (const auto self = link.lock(); self && session == self->session_)
            self->opened(std::move(port), error, now());
    });
}

void DeviceLink::opened(Port port, int error, Nanoseconds time) {
    opening_ = false;
    if (const auto identity = port.identity(); identity && identity == port_identity(path_)) {
        identity_ = *identity;
    } else if (identity) {
        // Its name was given to another while it was opened.
        port.close();
        error = ENODEV;
    }
    port_ = std::move(port);
    if (!port_.is_open()) {
        log_.open_failed(error, time);
        if (std::exchange(changed_while_opening_, false))
            return try_now();
        retry_ = time + open_backoff_.next();
        host_.touch();
        return;
    }
    boost::system::error_code failure;
    stream_.assign(port_.descriptor(), failure);
    if (failure) {
        port_.close();
        retry_ = time + open_backoff_.next();
        host_.touch();
        return;
    }
    opened_ = time;
    outgoing_ = Outgoing(line_speed(port_.kind()));
    waiting_for_writable_ = false;
    early_frames_.clear();
    wait_for_input();
    converse(time);
}

void DeviceLink::close(Nanoseconds time) {
    disconnect(time);
    connection_.close();
    waiting_for_slot_ = false;
    waiting_for_writable_ = false;
    ++session_;
    opening_ = false;
    retry_ = never;
    if (stream_.is_open())
        stream_.release();
    port_.close();
    host_.touch();
}

void DeviceLink::disconnect(Nanoseconds time) {
    outgoing_.disconnect();
    stop_overdue_ = never;
    leave_slot(time);
}

void DeviceLink::reset_lost(Nanoseconds time) {
    outgoing_.disconnect();
    outgoing_.queue_reset();
    flush(time);  // before it leaves its slot, in whose black box this stands
    stop_overdue_ = never;
    leave_slot(time);
}

void DeviceLink::say_good_bye(Nanoseconds time) {
    outgoing_.stop();
    outgoing_.queue_reset();
    flush(time);
}

void DeviceLink::leave_slot(Nanoseconds time) {
    if (!slot_)
        return;
    if (connection_.data().time != 0)
        host_.catalog().publish(*slot_, connection_.data());
    host_.catalog().publish(*slot_, connection_.statistics());
    host_.catalog().disconnect(*slot_, time);
    slot_.reset();
    host_.touch();
}

void DeviceLink::hung_up(Nanoseconds time) {
    if (slot_)
        log_.hung_up();
    if (time - opened_ >= short_life)
        open_backoff_.reset();
    close(time);
    retry_ = time + open_backoff_.next();
}

void DeviceLink::handle(const ConnectionEvent& event, Nanoseconds time) {
    switch (event.kind) {
        case ConnectionEvent::Kind::identified:
            identified(event.acknowledgement, time);
            break;
        case ConnectionEvent::Kind::log:
            log_.text(event.text, time);
            break;
        case ConnectionEvent::Kind::lost:
            lost(event.reason, event.acknowledgement, time);
            break;
        case ConnectionEvent::Kind::none:
        case ConnectionEvent::Kind::data:
            break;
    }
}

void DeviceLink::identified(const Acknowledgement& device, Nanoseconds time) {
    const auto claim = host_.catalog().connect(device, path_, *this, time);
    if (claim.refusal != SlotTable::Refusal::none) {
        // Left open and unpinged: its own watchdog disables it, and it can be asked again at once.
        log_.no_slot(device, claim.refusal, host_.catalog().identity(claim.slot).port.data());
        connection_.close();
        waiting_for_slot_ = true;
        return;
    }
    slot_ = claim.slot;
    early_frames_.record(host_.wire(), claim.slot, host_.catalog().identity(claim.slot));
    probe_backoff_.reset();
    log_.connected(device, claim.slot, connection_.statistics());
    outgoing_.connect(*connection_.type());
    flush(time);
    host_.touch();
}

void DeviceLink::lost(LossReason reason, const Acknowledgement& device, Nanoseconds time) {
    const bool short_lived = slot_ && time - connection_.since() < short_life;
    if (slot_)
        log_.lost(reason);
    switch (reason) {
        case LossReason::unanswered:
            log_.unanswered(connection_.unidentified());
            break;
        case LossReason::unknown_type:
            host_.catalog().count_unknown_type(time);
            log_.unknown_type(device);
            outgoing_.queue_reset();
            flush(time);
            break;
        case LossReason::silence:
            lost_by_silence(time);
            return;
        case LossReason::reset:
        case LossReason::restarted:
            // Commands that it took after it had restarted move it, and a pause may follow without a word.
            reset_lost(time);
            if (port_.is_open())
                converse(time, short_lived ? short_life : 0);
            return;
    }
    close(time);
    retry_ = time + probe_backoff_.next();
}

void DeviceLink::lost_by_silence(Nanoseconds time) {
    // It may still move. A device that did not read must not find commands of the run before when it does;
    // and no PING may feed one that missed the RST until its own watchdog has disabled it.
    port_.drop_unsent();
    if (port_.unsent() != 0) {
        close(time);
        retry_ = time + device_watchdog;
        return;
    }
    outgoing_.new_line();
    waiting_for_writable_ = false;  // the kernel need not tell that there is room now
    reset_lost(time);
    if (port_.is_open())
        converse(time, device_watchdog);
}

void DeviceLink::advance(Nanoseconds time) {
    if (!port_.is_open()) {
        if (time >= retry_)
            open();
        return;
    }
    // If it was this program that could not run, what the device sent meanwhile still waits to be read.
    if (connection_.connected() && time >= connection_.deadline()) {
        read(time);
        if (!port_.is_open())
            return;
    }
    const auto due = connection_.advance(time);
    if (due.lost) {
        lost(*due.lost, {}, time);
        return;
    }
    if (due.reset)
        outgoing_.queue_reset();
    if (due.ping)
        outgoing_.queue_ping();
    if (slot_) {
        log_.errors(connection_.statistics(), time);
        log_.texts_lost(time);
        host_.catalog().publish(*slot_, connection_.statistics());
        watch_stop(time);
    }
    flush(time);
    host_.touch();
}

Nanoseconds DeviceLink::deadline() const noexcept {
    if (!port_.is_open())
        return retry_;
    return std::min(connection_.deadline(), waiting_for_writable_ ? never : outgoing_.deadline());
}

void DeviceLink::watch_stop(Nanoseconds time) {
    if (!outgoing_.stopping()) {
        stop_overdue_ = never;
    } else if (stop_overdue_ == never || outgoing_.times_settled() != stops_settled_) {
        stops_settled_ = outgoing_.times_settled();
        stop_overdue_ = time + stop_patience;
    } else if (time >= stop_overdue_) {
        log_.stop_not_taken(waiting_for_writable_, time);
    }
}

void DeviceLink::stop(Nanoseconds time) {
    outgoing_.stop();
    flush(time);
}

void DeviceLink::command(std::size_t parameter, Value value) {
    if (!outgoing_.command(parameter, value, connection_.statistics().writes_coalesced))
        ++connection_.statistics().writes_refused;
}

void DeviceLink::count_refused(std::uint32_t parameters) noexcept {
    connection_.statistics().writes_refused += static_cast<std::uint64_t>(std::popcount(parameters));
}

void DeviceLink::shut_down(Nanoseconds time) {
    if (!port_.is_open())
        return;
    // Whatever it says now, it is not asked again.
    connection_.close();
    waiting_for_slot_ = false;
    say_good_bye(time);
    leave_slot(time);
}

}  // namespace runtime::dev_handler
