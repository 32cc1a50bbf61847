#pragma once
/// What executor and the student process say to each other over their socket (SOCK_SEQPACKET: a packet is a
/// message). Both are built from the same sources, so the layout needs no version.
#include <array>
#include <cstddef>
#include <cstdint>

#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_ring.hpp"

namespace runtime::executor {

/// The descriptors that the student process is started with, beside 0, 1 and 2.
inline constexpr int channel_descriptor = 3;
inline constexpr int commands_descriptor = 4;
inline constexpr int custom_data_descriptor = 5;

/// The end of a mode has this long to be polite: then the student process is killed.
inline constexpr Nanoseconds grace_period = 200 * millisecond;
/// A program that ends by itself has this long to tell why (the motors have stopped): then it is killed too.
inline constexpr Nanoseconds leave_period = 3 * second;

/// executor to the waiting student process, once: run a mode. The packet carries the descriptor of the
/// student's file (SCM_RIGHTS), because the process itself may not be allowed to open it.
struct StartOrder {
    std::uint64_t run_id;
    RunMode mode;
    StartPosition start_position;
    std::array<std::uint8_t, 6> reserved;
};

/// What the student process reports. executor trusts none of it: student code could send packets too.
enum class ReportKind : std::uint8_t {
    ready,   ///< everything is loaded; waits for a StartOrder
    ended,   ///< student code returned by itself
    failed,  ///< an exception ended it. Comes first, since the motors stop on it; the traceback takes longer
    traceback,  ///< the text is the traceback
    rate,       ///< loop_rate and longest_iteration_ms of the last second
    message,    ///< the text is one or more lines for the log, with `level`
};

struct ReportHeader {
    ReportKind kind;
    LogLevel level;
    std::array<std::uint8_t, 2> reserved;
    float loop_rate;
    float longest_iteration_ms;
};

/// The longest text behind a header, in bytes; longer ones are cut by the sender.
inline constexpr std::size_t max_report_text = std::size_t{32} * 1024;

}  // namespace runtime::executor
