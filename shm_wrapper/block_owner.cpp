#include "shm_wrapper/block_owner.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "shm_wrapper/block.hpp"
#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_ring.hpp"
#include "shm_wrapper/wire_ring.hpp"

namespace runtime {

std::string_view writer_of(std::string_view block) noexcept {
    if (block == DevicesBlock::name || block == WireBlock::name)
        return "dev_handler";
    if (block == RobotBlock::name || block == InputsBlock::name)
        return "net_handler";
    if (block == StudentBlock::name || block == CommandsBlock::name || block == CustomDataBlock::name)
        return "executor";
    for (const auto process : logging_processes)
        if (block == log_block_name(process))
            return process;
    return {};
}

void give_to_writer(const std::string& name, std::string_view block) {
    if (geteuid() != 0)
        return;
    const group* readers = getgrnam("runtime");
    if (readers == nullptr)
        return;
    const std::string_view writer = writer_of(block);
    const passwd* user = writer.empty() ? nullptr : getpwnam(("runtime-" + std::string(writer)).c_str());
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
