#pragma once
/// What the driver of a serial port is told (Linux, ioctl TIOCSSERIAL). Drivers that do not know it, as that
/// of pseudo-terminals, are left as they are.

namespace runtime::dev_handler {

/// Input is handed on as it comes; a bridge otherwise collects it for up to 16 ms. True if the driver does so
/// now.
bool hand_input_on_at_once(int descriptor) noexcept;

/// As well, a close drops output that the device has not taken, where it otherwise waits for it for up to 30
/// s, also in a process that has crashed, which ends no sooner. Stays so until the device is unplugged.
/// Needs CAP_SYS_ADMIN. True if the driver does so now; false with errno.
bool drop_output_at_close(int descriptor) noexcept;

}  // namespace runtime::dev_handler
