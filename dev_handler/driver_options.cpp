#include "dev_handler/driver_options.hpp"

#include <linux/serial.h>
#include <sys/ioctl.h>

namespace runtime::dev_handler {
namespace {

bool set(int descriptor, bool drop_output) noexcept {
    serial_struct settings{};
    if (ioctl(descriptor, TIOCGSERIAL, &settings) != 0)
        return false;
    settings.flags = static_cast<int>(static_cast<unsigned>(settings.flags) | ASYNC_LOW_LATENCY);
    if (drop_output)
        settings.closing_wait = ASYNC_CLOSING_WAIT_NONE;
    return ioctl(descriptor, TIOCSSERIAL, &settings) == 0;
}

}  // namespace

bool hand_input_on_at_once(int descriptor) noexcept {
    return set(descriptor, false);
}

// Both at once: dev_handler may be setting the other meanwhile.
bool drop_output_at_close(int descriptor) noexcept {
    return set(descriptor, true);
}

}  // namespace runtime::dev_handler
