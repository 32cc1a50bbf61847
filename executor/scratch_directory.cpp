#include "executor/scratch_directory.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>

namespace runtime::executor {

void remove_scratch_directory(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::symlink_status(path, error);
    if (!std::filesystem::is_directory(status))
        return;
    std::filesystem::remove_all(path, error);  // does not follow links
    if (error)
        spdlog::warn("the scratch directory {} cannot be removed: {}", path, error.message());
}

}  // namespace runtime::executor
