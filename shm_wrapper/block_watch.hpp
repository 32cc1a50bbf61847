#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shm_wrapper/clock.hpp"

namespace runtime {

/// Notices that a block was removed, or removed and made anew: whoever has mapped it shares it with nobody
/// who comes later, and the robot does not work again before all have attached anew. Holds no descriptor.
class BlockWatch {
  public:
    /// Takes the blocks that are there now for those that the process uses: construct it before any is
    /// attached, also that of the log (start_logging).
    explicit BlockWatch(std::string_view instance);

    /// A line for a person if a block is not there any more, or is another one. May be called at any rate: it
    /// looks every `look_period`. Allocates nothing while there is nothing to say.
    std::optional<std::string> check(Nanoseconds time);

    static constexpr Nanoseconds look_period = 500 * millisecond;

  private:
    struct Watched {
        std::string name;
        std::string path;
        ino_t file;  ///< 0: there is none
    };
    std::vector<Watched> blocks_;
    Nanoseconds next_look_ = 0;
};

}  // namespace runtime
