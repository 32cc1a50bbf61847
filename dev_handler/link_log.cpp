#include "dev_handler/link_log.hpp"

#include <fmt/format.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include "dev_handler/catalog.hpp"
#include "shm_wrapper/process/logging.hpp"

namespace runtime::dev_handler {
namespace {

// A device queues a few texts at a time; a flood would drive everything else out of the log.
constexpr std::uint32_t texts_a_second = 50;

/// A port that has just appeared belongs to root alone until udev has given it to its group.
constexpr Nanoseconds permission_delay = 2 * second;

std::string_view describe(LossReason reason) {
    switch (reason) {
        case LossReason::unanswered:
            return "it did not answer";
        case LossReason::silence:
            return "it has been silent for too long; check its cable and its power";
        case LossReason::reset:
            return "it has reset itself";
        case LossReason::restarted:
            return "it has restarted";
        case LossReason::unknown_type:
            return "its type is unknown";
    }
    return "of an unknown reason";
}

std::string_view remedy(int error) {
    switch (error) {
        case EACCES:
        case EPERM:
            return "; add the user to the group dialout";
        case EBUSY:
            return "; another program uses it";
        default:
            return "";
    }
}

}  // namespace

LinkLog::LinkLog(std::string path, const DeviceTypes& types)
    : path_(std::move(path)),
      types_(types),
      name_(path_),
      text_limit_(texts_a_second, second),
      refusal_limit_(1, second),
      stop_limit_(1, 10 * second) {}

void LinkLog::connected(const Acknowledgement& device, std::size_t slot, const LinkStatistics& so_far) {
    type_ = types_.find(device.type);
    name_ = device_name(device.type, device.uid, types_);
    speaker_ = fmt::format("{} {}_{}", type_->name(), device.type, device.uid);
    open_error_ = 0;
    new_device();
    errors_said_ = so_far;
    spdlog::info("{} is connected on {}, slot {}", name_, path_, slot);
}

void LinkLog::lost(LossReason reason) {
    spdlog::warn("{} on {} is lost: {}", name_, path_, describe(reason));
}

void LinkLog::hung_up() {
    spdlog::warn("{} is gone: {} was unplugged", name_, path_);
}

void LinkLog::vanished() {
    spdlog::warn("{} is gone: {} does not exist any more", name_, path_);
}

void LinkLog::open_failed(int error, Nanoseconds time) {
    const bool vanishing = error == ENOENT || error == ENXIO || error == ENODEV || error == EIO;
    const bool denied = error == EACCES || error == EPERM;
    if (!denied || denied_since_ == 0)
        denied_since_ = denied ? time : 0;
    const bool passing = vanishing || (denied && time - denied_since_ < permission_delay);
    const auto level = error == open_error_ || passing ? spdlog::level::debug : spdlog::level::warn;
    if (!passing)
        open_error_ = error;
    spdlog::log(level, "cannot open {}: {}{}; trying again", path_, std::generic_category().message(error),
                remedy(error));
}

void LinkLog::new_device() noexcept {
    unanswered_said_ = {};
    refusal_said_ = false;
}

void LinkLog::unanswered(const Connection::Unidentified& unidentified) {
    bool& said = unanswered_said_[unidentified.bytes == 0 ? 0 : unidentified.sound_frames > 0 ? 1 : 2];
    const auto level = said ? spdlog::level::debug : spdlog::level::warn;
    said = true;
    if (unidentified.bytes == 0) {
        spdlog::log(level, "nothing answers on {}; trying again, ever less often", path_);
    } else if (unidentified.sound_frames > 0) {
        spdlog::log(level, "the device on {} sends frames but does not acknowledge PING; trying again",
                    path_);
    } else {
        const std::size_t size = std::min<std::uint64_t>(unidentified.bytes, unidentified.sample.size());
        spdlog::log(level,
                    "{} is not a device of this robot: it sends {} bytes that are no frames, beginning with "
                    "\"{}\"; left alone, trying again ever less often",
                    path_, unidentified.bytes, printable({unidentified.sample.data(), size}));
    }
}

void LinkLog::unknown_type(const Acknowledgement& device) {
    const auto level = refusal_said_ ? spdlog::level::debug : spdlog::level::warn;
    refusal_said_ = true;
    spdlog::log(level, "the device on {} has type {}, which is not in the device types file; add it there",
                path_, device.type);
}

void LinkLog::no_slot(const Acknowledgement& device, SlotTable::Refusal refusal,
                      std::string_view other_port) {
    const auto level = refusal_said_ ? spdlog::level::debug : spdlog::level::warn;
    refusal_said_ = true;
    const std::string name = device_name(device.type, device.uid, types_);
    if (refusal == SlotTable::Refusal::full)
        spdlog::log(
            level,
            "{} on {} is refused: {} devices are connected, and there cannot be more; it waits for one to go",
            name, path_, max_devices);
    else
        spdlog::log(level, "{} on {} is refused: a device of that type and uid is connected on {} already",
                    name, path_, other_port);
}

void LinkLog::text(std::string_view text, Nanoseconds time) {
    texts_lost(time);
    if (!text_limit_.allow(time))
        return;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.remove_suffix(1);
    if (text.empty())
        return;
    fmt::memory_buffer line;
    fmt::format_to(std::back_inserter(line), "{}: {}", speaker_, text);
    log_line(LogLevel::info, LogSource::device, {line.data(), line.size()});
}

void LinkLog::texts_lost(Nanoseconds time) {
    if (text_limit_.suppressed() != 0 && text_limit_.over(time))
        spdlog::warn("{} sends too many LOG texts: {} lines lost", name_, text_limit_.take_suppressed());
}

void LinkLog::errors(const LinkStatistics& statistics, Nanoseconds time) {
    if (statistics.last_error <= errors_said_.last_error || time - errors_time_ < second)
        return;
    const auto since = [&](std::uint64_t LinkStatistics::*counter) {
        return statistics.*counter - errors_said_.*counter;
    };
    spdlog::warn("bad input from {} on {}: {} bad checksums, {} bad frames, {} bad messages, {} resyncs",
                 name_, path_, since(&LinkStatistics::bad_checksums), since(&LinkStatistics::bad_frames),
                 since(&LinkStatistics::bad_messages), since(&LinkStatistics::resyncs));
    errors_said_ = statistics;
    errors_time_ = time;
}

std::string LinkLog::names(std::uint32_t parameters) const {
    std::string names;
    for (std::size_t i = 0; type_ != nullptr && i < type_->parameter_count; ++i)
        if ((parameters >> i & 1U) != 0)
            names.append(names.empty() ? "" : ", ").append(type_->parameters[i].name());
    return names.empty() ? "nothing" : names;
}

void LinkLog::ignored(std::uint32_t parameters, std::string_view because) const {
    spdlog::info("ignored a command to {} of {} because {}", names(parameters), name_, because);
}

void LinkLog::refused(std::uint32_t parameters, std::string_view because, Nanoseconds time) {
    if (refusal_limit_.allow(time))
        spdlog::warn("ignored a command to {} of {} because {}", names(parameters), name_, because);
}

void LinkLog::stop_not_taken(bool not_reading, Nanoseconds time) {
    if (!stop_limit_.allow(time))
        return;
    spdlog::warn("{} on {} does not show that it has stopped: {}; it is told again and again", name_, path_,
                 not_reading ? "it reads nothing" : "it still reports motion, or nothing");
}

}  // namespace runtime::dev_handler
