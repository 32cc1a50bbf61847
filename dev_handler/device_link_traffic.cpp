// DeviceLink: what goes over its line, in both directions.
#include <unistd.h>

#include <cerrno>

#include "dev_handler/device_link.hpp"

namespace runtime::dev_handler {

void DeviceLink::wait_for_input() {
    auto self = shared_from_this();
    // Read here and not by Asio, which reads ahead of its handler: what advance() reads would overtake that.
    stream_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       PlacedHandler(read_memory_, [self = std::move(self), session = session_](
                                                       const boost::system::error_code& error) {
                           if (session != self->session_ || !self->port_.is_open())
                               return;
                           if (error)
                               self->hung_up(now());
                           else
                               self->read(now());
                           if (session == self->session_ && self->port_.is_open())
                               self->wait_for_input();
                       }));
}

void DeviceLink::read(Nanoseconds time) {
    const ssize_t size = ::read(port_.descriptor(), buffer_.data(), buffer_.size());
    if (size > 0)
        received(static_cast<std::size_t>(size), time);
    else if (size == 0 || (errno != EAGAIN && errno != EINTR))
        hung_up(time);
}

void DeviceLink::received(std::size_t size, Nanoseconds time) {
    std::span<const std::uint8_t> bytes(buffer_.data(), size);
    bool values = false;
    while (!bytes.empty()) {
        const std::uint64_t sound_before = connection_.statistics().frames_received;
        const ConnectionEvent event = connection_.receive(bytes, time);
        if (!event.frame.empty())
            record(WireDirection::from_device, event.frame,
                   connection_.statistics().frames_received != sound_before, time);
        if (event.kind == ConnectionEvent::Kind::data) {
            outgoing_.reported(event.reported, connection_.data().values);
            values = true;
        } else if (event.kind != ConnectionEvent::Kind::none) {
            handle(event, time);
        }
    }
    if (!slot_)
        return;
    if (values)
        host_.catalog().publish(*slot_, connection_.data());
    host_.catalog().publish(*slot_, connection_.statistics());
    log_.errors(connection_.statistics(), time);
    host_.touch();
}

void DeviceLink::record(WireDirection direction, std::span<const std::uint8_t> frame, bool sound,
                        Nanoseconds time) {
    if (slot_)
        record_frame(host_.wire(), *slot_, direction, host_.catalog().identity(*slot_), frame, sound, time);
    else
        early_frames_.add(direction, frame, sound, time);
}

void DeviceLink::flush(Nanoseconds time) {
    while (port_.is_open() && !waiting_for_writable_) {
        const auto bytes = outgoing_.front(time);
        if (bytes.empty())
            return;
        const ssize_t size = ::write(port_.descriptor(), bytes.data(), bytes.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno != EAGAIN) {
            hung_up(time);
            return;
        }
        const std::size_t taken = size > 0 ? static_cast<std::size_t>(size) : 0;
        connection_.statistics().bytes_sent += taken;
        const bool whole = taken == bytes.size();
        if (taken > 0 && outgoing_.written(taken, time)) {
            ++connection_.statistics().frames_sent;
            record(WireDirection::to_device, outgoing_.frame(), true, time);
        }
        if (!whole)
            wait_until_writable();
    }
}

void DeviceLink::wait_until_writable() {
    waiting_for_writable_ = true;
    auto self = shared_from_this();
    stream_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                       PlacedHandler(write_memory_, [self = std::move(self), session = session_](
                                                        const boost::system::error_code& error) {
                           if (session != self->session_ || !self->port_.is_open() || error)
                               return;
                           self->waiting_for_writable_ = false;
                           const Nanoseconds time = now();
                           self->flush(time);
                           self->host_.touch();
                       }));
}

}  // namespace runtime::dev_handler
