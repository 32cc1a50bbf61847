#include "shm_wrapper/block_owner.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "shm_wrapper/block.hpp"

namespace runtime {

void give_to_writer(const std::string& name, const std::string& writer) {
    if (geteuid() != 0)
        return;
    const group* readers = getgrnam("runtime");
    if (readers == nullptr)
        return;
    const passwd* user = writer.empty() ? nullptr : getpwnam(("runtime-" + writer).c_str());
    const int descriptor = shm_open(name.c_str(), O_RDONLY, 0);
    const uid_t owner = user != nullptr ? user->pw_uid : 0;
    const bool given = descriptor >= 0 && fchown(descriptor, owner, readers->gr_gid) == 0;
    const int error = errno;
    if (descriptor >= 0)
        close(descriptor);
    if (!given)
        throw BlockError(name + " cannot be given to its writer: " + std::generic_category().message(error));
}

}  // namespace runtime
