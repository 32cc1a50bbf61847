#include "executor/scratch_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <utility>

#include "executor/descriptor.hpp"
#include "executor/student_user.hpp"

namespace runtime::executor {
namespace {

bool is_ours(const struct stat& status) {
    if (!S_ISDIR(status.st_mode))
        return false;
    const auto user = student_user();
    return status.st_uid == geteuid() || (user && status.st_uid == user->uid);
}

std::unique_ptr<DIR, int (*)(DIR*)> open_directory(const std::string& path) {
    Descriptor descriptor(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    DIR* const directory = descriptor ? fdopendir(descriptor.get()) : nullptr;
    if (directory != nullptr)
        descriptor.release();
    return {directory, closedir};
}

}  // namespace

ScratchDirectory::ScratchDirectory(const std::string& parent, const std::string& instance)
    : path_((std::filesystem::path(parent) /
             ("runtime-" + (instance.empty() ? std::string() : instance + "-") + "scratch"))
                .string()) {}

std::optional<std::string> ScratchDirectory::excess(pid_t process) {
    const auto directory = open_directory(path_);
    if (!directory)
        return std::nullopt;
    constexpr std::uint64_t block = 512;
    std::uint64_t bytes = 0;
    int files = 0;
    while (const dirent* entry = readdir(directory.get())) {
        if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0)
            continue;
        struct stat status {};
        if (fstatat(dirfd(directory.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            bytes += static_cast<std::uint64_t>(status.st_blocks) * block;
        if (++files > max_files)
            return "more than " + std::to_string(max_files) + " files";
        if (bytes > max_bytes)
            return "more than " + std::to_string(max_bytes / 1024 / 1024) + " MiB";
    }
    // All mappings are much to read: only after something may have been deleted.
    struct stat status {};
    if (process == 0 || fstat(dirfd(directory.get()), &status) != 0)
        return std::nullopt;
    // Not st_mtim, which its owner can set.
    const timespec changed = std::exchange(changed_, status.st_ctim);
    const bool same = changed.tv_sec == changed_.tv_sec && changed.tv_nsec == changed_.tv_nsec;
    if (!same && hides_too_much(process))
        return "more than " + std::to_string(max_mapped_files) +
               " files that it has deleted, but still maps (or more mappings than can be looked through),";
    return std::nullopt;
}

bool ScratchDirectory::hides_too_much(pid_t process) const {
    /// Far more than a program with libraries has. Reading them may not keep executor from its other work.
    constexpr int most_mappings = 16'384;
    constexpr std::string_view deleted = " (deleted)";
    // The kernel names the place without symbolic links.
    const std::string inside = '/' + std::filesystem::path(path_).filename().string() + '/';
    std::ifstream mappings("/proc/" + std::to_string(process) + "/maps");
    int count = 0;
    int hidden = 0;
    for (std::string line;
         hidden <= max_mapped_files && count <= most_mappings && std::getline(mappings, line); ++count)
        if (line.ends_with(deleted) && line.find(inside) != std::string::npos)
            ++hidden;
    return hidden > max_mapped_files || count > most_mappings;
}

void ScratchDirectory::clear() const {
    remove_content(false);
}

void ScratchDirectory::remove() const {
    remove_content(true);
}

void ScratchDirectory::remove_content(bool directory_too) const {
    try {
        struct stat status {};
        if (lstat(path_.c_str(), &status) != 0)
            return;
        if (!is_ours(status)) {
            spdlog::warn("{} stands where the scratch directory belongs, and is not ours: it is left alone",
                         path_);
            return;
        }
        for (const auto& entry : std::filesystem::directory_iterator(path_))
            std::filesystem::remove_all(entry.path());  // does not follow links
        if (directory_too)
            std::filesystem::remove(path_);
    } catch (const std::exception& error) {
        spdlog::warn("the scratch directory {} cannot be emptied: {}", path_, error.what());
    }
}

}  // namespace runtime::executor
