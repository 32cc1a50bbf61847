// prepare_port PORT: tells the driver of a serial port what only root may. udev runs it for each port that
// comes (systemd/robot-runtime.rules).
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "dev_handler/driver_options.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "prepare_port: it takes one serial port, as in: prepare_port /dev/ttyACM0\n";
        return EXIT_FAILURE;
    }
    const int descriptor = open(argv[1], O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0 || !runtime::dev_handler::drop_output_at_close(descriptor)) {
        std::cerr << "prepare_port: " << argv[1] << ": " << std::strerror(errno)
                  << "; if dev_handler crashes while this device takes nothing, it is back after 30 s\n";
        return EXIT_FAILURE;
    }
    close(descriptor);
    return EXIT_SUCCESS;
}
