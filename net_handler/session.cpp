#include "net_handler/session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <exception>

#include "net_handler/clocks.hpp"
#include "net_handler/socket_options.hpp"

namespace runtime::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

/// A client says who it is within this time (network protocol) …
constexpr Nanoseconds identity_limit = 1 * second;
/// … and with TLS within this, which has to agree on keys first: some turns of a slow link and of a slow
/// processor.
constexpr Nanoseconds tls_identity_limit = 3 * second;
/// Answers that wait for a client that does not read them.
constexpr std::size_t max_answers = 4096;
/// Reads before a replaced connection is given up: more than its socket buffer can hold of honest packets.
constexpr int max_drain_reads = 64;

}  // namespace

Session::Session(Socket socket, Peer peer, SessionHost& host, const SendLimits& limits, const TlsContext* tls)
    : socket_(std::move(socket)),
      peer_(std::move(peer)),
      host_(host),
      conversation_(host.control(), *this),
      since_(now()),
      sender_timer_(socket_.get_executor()),
      pacing_(limits.device_data_hz, limits.megabits_per_second) {
    if (tls != nullptr)
        tls_.emplace(*tls);
}

Nanoseconds Session::identify_by() const noexcept {
    return since_ + (tls_ ? tls_identity_limit : identity_limit);
}

void Session::start() {
    prepare(socket_.native_handle());
    error_code ignored;
    socket_.non_blocking(true, ignored);
    asio::co_spawn(
        socket_.get_executor(), [self = shared_from_this()] { return self->receive(); },
        [self = shared_from_this()](const std::exception_ptr& failure) { self->report_end(failure); });
}

void Session::report_end(const std::exception_ptr& failure) {
    if (!failure)
        return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        spdlog::error("the connection of {} failed and is closed: {}", peer_.text, error.what());
    }
    // Whatever the client controls must not go on without it.
    if (socket_.is_open()) {
        close();
        host_.ended(*this);
    }
}

void Session::close() {
    if (socket_.is_open()) {
        underway_.arrived(acknowledged_bytes(socket_.native_handle()));
        host_.logs().lost(composed_lines_ + underway_.lines());
    }
    error_code ignored;
    socket_.close(ignored);
    sender_timer_.cancel();
}

asio::awaitable<void> Session::receive() {
    error_code error;
    while (socket_.is_open()) {
        // Waits first and reads then, so that drain() never meets a read in progress.
        co_await socket_.async_wait(Socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
        if (socket_.is_open() && tls_ && handshake_ == Handshake::not_begun)
            co_await wait_for_handshake();
        if (!socket_.is_open())
            co_return;
        if (error || !receive_available())
            break;
    }
    if (socket_.is_open() && !refused_) {
        close();
        host_.ended(*this);
    }
}

asio::awaitable<void> Session::wait_for_handshake() {
    handshake_ = Handshake::waits;
    host_.wants_handshake();
    error_code canceled;
    while (socket_.is_open() && handshake_ == Handshake::waits) {
        sender_timer_.expires_at(Clock::time_point::max());
        co_await sender_timer_.async_wait(asio::redirect_error(asio::use_awaitable, canceled));
    }
}

void Session::allow_handshake() {
    handshake_ = Handshake::allowed;
    sender_timer_.cancel();
}

Nanoseconds Session::incomplete_since() const noexcept {
    const Nanoseconds packet = conversation_.incomplete_since();
    if (packet == 0 || record_incomplete_since_ == 0)
        return std::max(packet, record_incomplete_since_);
    return std::min(packet, record_incomplete_since_);
}

bool Session::refused_by_tls() const noexcept {
    return tls_ && tls_->failed() && !tls_->failure().empty() && !conversation_.client();
}

std::optional<std::size_t> Session::read_some(std::span<std::uint8_t> space) {
    error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(space.data(), space.size()), error);
    if (error == asio::error::would_block || error == asio::error::interrupted)
        return 0;
    return error ? std::nullopt : std::optional(count);
}

bool Session::receive_available() {
    if (tls_)
        return receive_encrypted();
    const auto count = read_some(conversation_.space());
    return count && (*count == 0 || converse(*count));
}

bool Session::receive_encrypted() {
    std::array<std::uint8_t, TlsChannel::max_receive> bytes;
    const auto received = read_some(bytes);
    if (!received)
        return false;
    tls_->receive(std::span(bytes).first(*received));
    if (!tls_->in_record())
        record_incomplete_since_ = 0;
    else if (tls_->record_ended() || record_incomplete_since_ == 0)
        record_incomplete_since_ = now();
    bool go_on = true;
    while (go_on) {
        const std::size_t count = tls_->read(conversation_.space());
        if (count == 0)
            break;
        go_on = converse(count);
    }
    if (!sending_ && !send_tls_output())
        return false;
    if (refused_by_tls())
        host_.notices().tls_refused(peer_, tls_->failure());
    return go_on && !tls_->failed();
}

bool Session::converse(std::size_t count) {
    const bool go_on = conversation_.receive(count, now());
    host_.handled();
    return go_on;
}

bool Session::send_tls_output() {
    if (!tls_->has_output())
        return true;
    error_code error;
    const std::size_t sent = socket_.write_some(asio::buffer(tls_->output()), error);
    tls_->sent(error ? 0 : sent);
    sent_ += error ? 0 : sent;
    if (tls_->has_output())
        wake_sender();
    // Before anybody sends, it fits into the socket's buffer; if it does not, the client reads nothing.
    return !tls_->has_output() || conversation_.client();
}

void Session::drain() {
    for (int reads = 0; reads < max_drain_reads && socket_.is_open(); ++reads) {
        error_code error;
        if (socket_.available(error) == 0 || error || !receive_available())
            return;
    }
}

bool Session::identified(Client client) {
    refused_ = !host_.identified(*this, client);
    if (refused_)
        return false;
    out_.reserve(header_size + max_payload);
    if (client == Client::driver_station)
        underway_.reserve();
    asio::co_spawn(
        socket_.get_executor(), [self = shared_from_this()] { return self->send(); },
        [self = shared_from_this()](const std::exception_ptr& failure) { self->report_end(failure); });
    return true;
}

void Session::time_requested(const TimeRequest& request) {
    if (answers_.size() >= max_answers) {
        faulty(static_cast<std::uint8_t>(PacketType::time_stamps), 0, "it does not read the answers");
        return;
    }
    append_time_stamps(answers_, request, wall_clock_ms());
    if (!sending_)
        send_answers();
}

void Session::send_answers() {
    if (tls_) {
        tls_->write(answers_);
        answers_.clear();
        send_tls_output();
        return;
    }
    error_code error;
    const std::size_t sent = socket_.write_some(asio::buffer(answers_), error);
    answers_.erase(answers_.begin(), answers_.begin() + static_cast<std::ptrdiff_t>(error ? 0 : sent));
    sent_ += error ? 0 : sent;
    if (!answers_.empty())
        wake_sender();
}

void Session::noticed(Client client, const Command& command, Control::Notice notice) {
    host_.notices().command(client, command, notice);
    if (notice == Control::Notice::mode_refused)
        logs_changed();
}

void Session::faulty(std::uint8_t packet_type, std::size_t size, std::string_view fault) {
    host_.notices().bad_packet(*conversation_.client(), peer_, packet_type, size, fault);
}

void Session::wake_sender() {
    sender_timer_.cancel();
}

void Session::logs_changed() {
    if (!std::exchange(logs_pending_, true))
        wake_sender();
}

void Session::status_changed() {
    if (status_rhythm_.changed(host_.status()))
        wake_sender();
}

asio::awaitable<void> Session::send() {
    error_code error;
    while (socket_.is_open()) {
        const Nanoseconds due = compose_for_network(now());
        if (tls_ && tls_->failed()) {
            socket_.shutdown(Socket::shutdown_both, error);  // receive() sees it and ends the session
            co_return;
        }
        if (out_.empty()) {
            sender_timer_.expires_at(time_point(due));
            co_await sender_timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
            continue;
        }
        follow_lines();
        sending_ = true;
        co_await asio::async_write(socket_, asio::buffer(out_),
                                   asio::redirect_error(asio::use_awaitable, error));
        sending_ = false;
        // Not a reason to close: what the client sent before it went is still to be read.
        if (error)
            co_return;
    }
}

void Session::follow_lines() {
    sent_ += out_.size();
    if (composed_lines_ == 0)
        return;
    underway_.arrived(acknowledged_bytes(socket_.native_handle()));
    underway_.add(std::exchange(composed_lines_, 0), sent_);
}

Nanoseconds Session::compose_for_network(Nanoseconds time) {
    if (!tls_)
        return compose(time);
    // What is left of an earlier packet goes first; else records would be torn.
    Nanoseconds due = time;
    if (!tls_->has_output()) {
        due = compose(time);
        tls_->write(out_);
    }
    out_ = tls_->take_output();
    return due;
}

Nanoseconds Session::compose(Nanoseconds time) {
    out_.clear();
    if (!answers_.empty()) {
        out_.assign(answers_.begin(), answers_.end());
        answers_.clear();
        return time;
    }
    return conversation_.client() == Client::field_control ? compose_for_field_control(time)
                                                           : compose_for_driver_station(time);
}

Nanoseconds Session::compose_for_field_control(Nanoseconds time) {
    const Status status = host_.status();
    if (!status_rhythm_.due(status, time))
        return status_rhythm_.next();
    status_rhythm_.sent(status, time);
    append_status(out_, status);
    return time;
}

Nanoseconds Session::compose_for_driver_station(Nanoseconds time) {
    if (logs_pending_ && time >= pacing_.log_due()) {
        out_.resize(max_text_packet);
        const TextPacket packet = host_.logs().write_packet(std::span<std::uint8_t, max_text_packet>(out_));
        out_.resize(packet.size);
        composed_lines_ = packet.lines;
        logs_pending_ = packet.more;
        if (packet.size > 0 || packet.more)
            pacing_.log_sent(packet.size, time);
        if (packet.size > 0)
            return time;
    }
    if (time >= pacing_.device_data_due()) {
        out_.resize(header_size + max_payload);
        out_.resize(write_device_data(std::span<std::uint8_t, header_size + max_payload>(out_),
                                      host_.view(time), (time - since_) / millisecond));
        pacing_.device_data_sent(out_.size(), time);
        return time;
    }
    return logs_pending_ ? std::min(pacing_.log_due(), pacing_.device_data_due()) : pacing_.device_data_due();
}

}  // namespace runtime::net
