#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

/// What udev has made of a serial port, as any user of the machine sees it. `tty`: its path, such as
/// "/dev/ttyACM0".
namespace runtime::test::udev_view {

/// The names of its socket: those below /dev/robot that lead to it.
std::vector<std::string> socket_names(const std::string& tty);
/// The name of the group that it belongs to; empty: there is no such port or group.
std::string group(const std::string& tty);
/// Who may do what with it: its permission bits; 0: there is no such port.
mode_t mode(const std::string& tty);
/// Whether udev's database has the property, as "NAME=VALUE".
bool has_property(const std::string& tty, const std::string& property);

}  // namespace runtime::test::udev_view
