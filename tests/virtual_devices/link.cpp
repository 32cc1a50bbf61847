#include "tests/virtual_devices/link.hpp"

#include <algorithm>
#include <array>

namespace runtime::virtual_devices {
namespace {

/// DEVICE_DATA of one turn of a flooding device: far more than a real line carries, bounded so that the other
/// devices of this program get their turn.
constexpr std::size_t flood_frames = 64;
/// Changes of motion that are kept until somebody asks.
constexpr std::size_t most_motion_changes = 10'000;
/// The part of the PINGs that a UART loses, as observed on a PDB.
constexpr double uart_ping_loss = 0.006;

}  // namespace

Link::Link(const DeviceType& type, Identity identity, Faults faults, World& world, std::size_t device,
           Nanoseconds data_period, unsigned seed)
    : type_(type),
      identity_(identity),
      faults_(faults),
      world_(world),
      number_(device),
      data_period_(data_period),
      random_(seed) {
    frames_.reserve(2 * flood_frames);
    power_cycle();
}

void Link::power_cycle() {
    world_.stop_motors(number_);
    device_ = std::make_unique<Device>(type_, identity_, make_model(type_, world_, number_), data_period_);
    device_->defects() = faults_.defects;
}

void Link::plug(const std::filesystem::path& path, Port::Kind kind, Nanoseconds time) {
    unplug();
    power_cycle();
    port_.emplace(path, kind);
    deaf_until_ = time + faults_.boot_silence;
    ++plug_count_;
}

void Link::unplug() {
    if (!port_)
        return;
    world_.stop_motors(number_);
    port_.reset();
    hosts_ = 0;
    ++plug_count_;
}

void Link::host_opened(Nanoseconds time) {
    ++hosts_;
    if (hosts_ == 1 && faults_.boot_silence != 0) {
        power_cycle();
        deaf_until_ = time + faults_.boot_silence;
    }
}

void Link::host_closed() {
    hosts_ = std::max(0, hosts_ - 1);
    if (hosts_ == 0 && port_)
        port_->clean();
}

bool Link::loses_ping(std::span<const std::uint8_t> bytes) {
    if (!faults_.defects.uart)
        return false;
    static const Frame ping = make_frame(MessageId::ping, {});
    return std::ranges::equal(bytes, ping.view()) && std::bernoulli_distribution(uart_ping_loss)(random_);
}

void Link::read_port(Nanoseconds time) {
    if (!port_ || faults_.stop_reading)
        return;
    std::array<std::uint8_t, 4096> buffer;
    frames_.clear();
    while (const std::size_t count = port_->read(buffer)) {
        // Equal openings in a row are told once (OpenWatch), but who writes is there.
        hosts_ = std::max(hosts_, 1);
        const std::span<const std::uint8_t> bytes(buffer.data(), count);
        if (time >= deaf_until_ && !loses_ping(bytes))
            device_->receive(bytes, time, frames_);
    }
    note_motion(time);
    deliver();
}

void Link::tick(Nanoseconds time) {
    if (!port_ || time < deaf_until_)
        return note_motion(time);
    frames_.clear();
    device_->tick(time, frames_);
    note_motion(time);
    if (faults_.flood)
        for (std::size_t i = 0; i < flood_frames; ++i)
            device_->send_data(frames_);
    deliver();
}

void Link::note_motion(Nanoseconds time) {
    bool moving = false;
    for (std::size_t i = 0; port_ && i < type_.parameter_count; ++i)
        if (type_.parameters[i].stop)
            moving = moving || (device_->value(i).bits & 0x7FFFFFFF) != 0;
    if (moving == moving_)
        return;
    moving_ = moving;
    if (motion_changes_.size() < most_motion_changes)
        motion_changes_.push_back({time, moving});
}

void Link::reset_device() {
    frames_.clear();
    device_->reset_itself(frames_);
    deliver();
}

void Link::write_raw(std::span<const std::uint8_t> bytes) {
    if (port_)
        sent_.bytes += port_->write(bytes);
}

void Link::deliver() {
    if (frames_.empty() || !port_)
        return;
    if (faults_.silence || hosts_ == 0) {
        (faults_.silence ? sent_.silenced : sent_.unheard) += frames_.size();
        return;
    }
    bytes_.clear();
    ends_.clear();
    for (const Frame& frame : frames_) {
        const bool spoil = faults_.corruption > 0 && std::bernoulli_distribution(faults_.corruption)(random_);
        if (spoil)
            corrupt(frame.view(), faults_.corruption_kind, random_, bytes_);
        else
            bytes_.insert(bytes_.end(), frame.view().begin(), frame.view().end());
        ends_.push_back({bytes_.size(), frame.id, spoil || faults_.defects.wrong_checksum});
    }
    const std::size_t taken = port_->write(bytes_);
    sent_.bytes += taken;
    std::size_t start = 0;
    for (const End& end : ends_) {
        if (end.at <= taken && end.corrupted)
            ++sent_.corrupted;
        else if (end.at <= taken)
            count_whole(end.id);
        else
            ++(start < taken ? sent_.truncated : sent_.dropped);
        start = end.at;
    }
}

void Link::count_whole(MessageId id) {
    switch (id) {
        case MessageId::acknowledgement:
            ++sent_.acknowledgements;
            return;
        case MessageId::device_data:
            ++sent_.data;
            return;
        case MessageId::log:
            ++sent_.logs;
            return;
        default:
            ++sent_.resets;
    }
}

std::optional<std::string> Link::change_fault(std::string_view name, std::string_view value) {
    auto problem = set_fault(faults_, name, value);
    device_->defects() = faults_.defects;
    return problem;
}

}  // namespace runtime::virtual_devices
