#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "dev_handler/command_control.hpp"
#include "dev_handler/connection.hpp"
#include "dev_handler/rate_limit.hpp"
#include "dev_handler/slots.hpp"

namespace runtime::dev_handler {

/// What is said to people about one port and its device, no more often than they can read.
class LinkLog {
  public:
    LinkLog(std::string path, const DeviceTypes& types);

    /// `so_far`: what came before is no fault of the device.
    void connected(const Acknowledgement& device, std::size_t slot, const LinkStatistics& so_far);
    void lost(LossReason reason);
    void hung_up();
    void vanished();
    void open_failed(int error, Nanoseconds time);
    void unanswered(const Connection::Unidentified& unidentified);
    /// There may be another device: what was said of the one before is said again.
    void new_device() noexcept;
    void unknown_type(const Acknowledgement& device);
    void no_slot(const Acknowledgement& device, SlotTable::Refusal refusal, std::string_view other_port);
    /// The text of a LOG message; 50 a second are kept.
    void text(std::string_view text, Nanoseconds time);
    /// Tells how many were not, at the end of their second. Call it often.
    void texts_lost(Nanoseconds time);
    /// Errors of the line, at most once a second. Call it often.
    void errors(const LinkStatistics& statistics, Nanoseconds time);
    /// Commands that came too late: no fault of the program, but it may explain why nothing moves. The caller
    /// limits how often.
    void ignored(std::uint32_t parameters, std::string_view because) const;
    /// Commands that the device can never take, at most one line a second.
    void refused(std::uint32_t parameters, std::string_view because, Nanoseconds time);
    /// A stop that the device does not show to have taken for too long; `not_reading`: its port takes
    /// nothing.
    void stop_not_taken(bool not_reading, Nanoseconds time);

    /// The device as people call it; the port where none is known.
    const std::string& name() const noexcept { return name_; }

  private:
    std::string names(std::uint32_t parameters) const;

    std::string path_;
    const DeviceTypes& types_;
    std::string name_;
    std::string speaker_;  ///< "KoalaBear 6_123"
    const DeviceType* type_ = nullptr;
    int open_error_ = 0;                     ///< the last one said
    Nanoseconds denied_since_ = 0;           ///< 0: it is not
    std::array<bool, 3> unanswered_said_{};  ///< by what came: nothing, frames, something else
    bool refusal_said_ = false;
    LinkStatistics errors_said_{};
    Nanoseconds errors_time_ = 0;
    RateLimit text_limit_;
    RateLimit refusal_limit_;
    RateLimit stop_limit_;
};

}  // namespace runtime::dev_handler
