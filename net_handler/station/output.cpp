#include "net_handler/station/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/write.hpp>

namespace runtime::station {

namespace asio = boost::asio;
using boost::system::error_code;

Output::Output(asio::io_context& loop) : descriptor_(loop) {
    // Opened anew where that goes (pipes, terminals): what 0 to 2 refer to is shared with other processes,
    // which want it to block. A file would be written from its beginning: there it is shared.
    const bool seekable = lseek(STDOUT_FILENO, 0, SEEK_CUR) >= 0;
    int opened = seekable ? -1 : open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (opened < 0) {
        shared_flags_ = fcntl(STDOUT_FILENO, F_GETFL);
        opened = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    }
    error_code ignored;  // without one, write() says so
    if (opened >= 0)
        descriptor_.assign(opened, ignored);
}

Output::~Output() {
    if (descriptor_.is_open() && shared_flags_ >= 0)
        fcntl(descriptor_.native_handle(), F_SETFL, shared_flags_);
}

void Output::write(std::string text, std::function<void(bool)> done) {
    busy_ = true;
    text_ = std::move(text);
    asio::async_write(descriptor_, asio::buffer(text_),
                      [this, done = std::move(done)](error_code error, std::size_t) {
                          busy_ = false;
                          done(!error);
                      });
}

}  // namespace runtime::station
