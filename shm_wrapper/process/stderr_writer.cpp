#include "shm_wrapper/process/stderr_writer.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>

namespace runtime {

StderrWriter::StderrWriter() noexcept : descriptor_(STDERR_FILENO), terminal_(isatty(STDERR_FILENO) == 1) {
    struct stat status {};
    if (fstat(STDERR_FILENO, &status) != 0)
        return;
    socket_ = S_ISSOCK(status.st_mode);
    if (!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode))
        return;
    // Opened anew: O_NONBLOCK on stderr itself would also be one for every other process that shares it.
    const int own = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | O_APPEND);
    if (own >= 0)
        descriptor_ = own;
}

StderrWriter::~StderrWriter() {
    if (descriptor_ != STDERR_FILENO)
        close(descriptor_);
}

void StderrWriter::write(std::string_view line) noexcept {
    if (torn_ && !put("\n")) {
        ++dropped_;
        return;
    }
    if (dropped_ != 0) {
        std::array<char, 64> note{};
        const int size = std::snprintf(note.data(), note.size(),
                                       "... %" PRIu64 " lines dropped: nobody read them\n", dropped_);
        if (!put({note.data(), static_cast<std::size_t>(size)})) {
            ++dropped_;
            return;
        }
        dropped_ = 0;
    }
    if (!put(line))
        ++dropped_;
}

bool StderrWriter::put(std::string_view bytes) noexcept {
    const bool begun = torn_;
    while (!bytes.empty()) {
        const ssize_t written =
            socket_ ? send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                    : ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
        torn_ = !bytes.empty() || begun;
    }
    torn_ = false;
    return true;
}

}  // namespace runtime
