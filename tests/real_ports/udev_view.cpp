#include "tests/real_ports/udev_view.hpp"

#include <grp.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace runtime::test::udev_view {
namespace {

std::optional<struct stat> status(const std::string& tty) {
    struct stat found {};
    return stat(tty.c_str(), &found) == 0 ? std::optional(found) : std::nullopt;
}

}  // namespace

std::vector<std::string> socket_names(const std::string& tty) {
    std::vector<std::string> names;
    std::error_code none_yet;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/robot", none_yet)) {
        std::error_code gone;
        if (std::filesystem::weakly_canonical(entry.path(), gone).string() == tty)
            names.push_back(entry.path().filename().string());
    }
    return names;
}

std::string group(const std::string& tty) {
    const auto found = status(tty);
    const ::group* entry = found ? getgrgid(found->st_gid) : nullptr;
    return entry != nullptr ? entry->gr_name : "";
}

mode_t mode(const std::string& tty) {
    const auto found = status(tty);
    return found ? found->st_mode & 07777 : 0;
}

bool has_property(const std::string& tty, const std::string& property) {
    const auto found = status(tty);
    if (!found)
        return false;
    std::ifstream database("/run/udev/data/c" + std::to_string(major(found->st_rdev)) + ":" +
                           std::to_string(minor(found->st_rdev)));
    for (std::string line; std::getline(database, line);)
        if (line == "E:" + property)
            return true;
    return false;
}

}  // namespace runtime::test::udev_view
